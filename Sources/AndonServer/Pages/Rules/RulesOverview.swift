import AndonDecide
import AndonModel
import AndonSPC
import AndonWeb
import Foundation

/// Rules as tables for people: classes with their thresholds and where these come from, the matrix, who is on call, trends.
struct RulesOverview {
    let rules: Rules
    let plant: Plant
    let scope: SiteScope
    /// The asset that the thresholds are shown for; nil for any.
    let asset: String?
    let words: RuleWords

    /// The options that a list shows; a class's own page has all.
    static let main: [Rule.Field] = [.minConfidence, .minSeverity, .frequency, .kind, .action]
    private static let classesMax = 500
    private static let assetsMax = 2000
    private static let rosterDays: Int64 = 14

    func values(at now: Timestamp) -> [String: Any] {
        var values: [String: Any] = [:]
        values["columns"] = Self.main.map { words.name($0) }
        values["classes"] = classes
        values["asset"] = asset ?? ""
        values["forAsset"] = asset.map { words.text("for-asset", ["name": $0]) }
        let seen = plant.assets.keys.filter { scope.sees(asset: $0) }.sorted()
        values["assets"] = seen.prefix(Self.assetsMax).map { id -> [String: Any] in
            ["id": id, "name": plant.assets[id]?.name ?? ""]
        }
        values["matrix"] = matrix
        values["ranks"] = rules.criticalities.names
        values["unstated"] = rules.bands.unstated
        values["unknownRank"] = rules.criticalities.unknown
        values.merge(routing(at: now)) { $1 }
        values["trends"] = trends
        values["hasTrends"] = !trends.isEmpty
        return values
    }

    // MARK: Classes

    private var classes: [[String: Any]] {
        let known = rules.classes.keys.sorted().prefix(Self.classesMax).map { label in
            row(label, name: rules.classes[label]?.name, code: rules.classes[label]?.code)
        }
        // No class has an empty name: what counts for it counts for every class that the rules do not have.
        var other = row("", name: words["unmapped"], code: rules.unmapped.code)
        other["isUnmapped"] = true
        other["overrides"] = overrides(rules.unmapped)
        return known + [other]
    }

    private func row(_ label: String, name: String?, code: String?) -> [String: Any] {
        let seen = scope.seen(asset)
        let found = seen.flatMap { plant.assets[$0] }
        let inheritance = RuleInheritance(
            rules, class: label, asset: seen, type: found?.type, group: found?.group)
        var row: [String: Any] = ["label": label, "name": name ?? label, "code": code ?? "", "isUnmapped": false]
        row["hasCode"] = code != nil
        row["address"] = "/rules/class?name=\(Self.escaped(label))" + (asset.map { "&asset=\(Self.escaped($0))" } ?? "")
        row["cells"] = Self.main.map { cell($0, inheritance) }
        row["overrides"] = rules.classes[label].map { overrides($0) } ?? ""
        return row
    }

    /// What counts, and the level that says it.
    func cell(_ field: Rule.Field, _ inheritance: RuleInheritance) -> [String: Any] {
        let first = inheritance.words(on: field).first
        var cell: [String: Any] = ["value": words.value(field, first?.value)]
        cell["from"] = first.map { words.level($0.level) } ?? words["level-none"]
        let kind = first?.level.kind
        cell["isOwn"] = kind == .asset || kind == .type || kind == .group || kind == .class
        return cell
    }

    private func overrides(_ found: DefectClass) -> String {
        let count = found.groups.count + found.types.count + found.assets.keys.filter { scope.sees(asset: $0) }.count
        return count == 0 ? "" : words.count("overrides", count)
    }

    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    // MARK: Priorities

    private var matrix: [[String: Any]] {
        rules.bands.bands.reversed().map { band -> [String: Any] in
            let cells = rules.criticalities.names.map { name -> [String: Any] in
                ["priority": rules.priorities[band.name, name]]
            }
            return ["band": band.name, "from": RuleWords.plain(.number(band.from)), "cells": cells]
        }
    }

    // MARK: On call

    private func routing(at now: Timestamp) -> [String: Any] {
        let routing = rules.routing
        var values: [String: Any] = [:]
        values["isRouted"] = !routing.priorities.isEmpty
        values["routed"] = words.text(
            "routed",
            [
                "priorities": routing.priorities.sorted().map { "\($0)" }.joined(separator: ", "),
                "ranks": routing.criticalities.map { $0.sorted().joined(separator: ", ") } ?? words["all-ranks"],
            ])
        let duty = routing.schedule.duty(at: now)
        values["duty"] =
            duty.map { words.text("on-duty", ["name": $0.assignee, "shift": $0.shift]) } ?? words["nobody-on-duty"]
        values["zone"] = routing.schedule.timeZone
        values["roster"] = Self.roster(routing.schedule, from: now, words)
        return values
    }

    /// Who has which shift on the next days.
    static func roster(_ schedule: OnCallSchedule, from now: Timestamp, _ words: RuleWords) -> [[String: Any]] {
        let first = schedule.date(at: now).daysSinceEpoch
        return (first..<first + rosterDays).map { day -> [String: Any] in
            let date = CivilDate(daysSinceEpoch: day)
            let turns = schedule.turns(on: date).map { turn -> [String: Any] in
                [
                    "shift": turn.shift.name, "isOverridden": turn.isOverridden,
                    "time": "\(RuleWords.clock(turn.shift.from))–\(RuleWords.clock(turn.shift.to))",
                    "assignee": turn.assignee ?? words["nobody"], "isNobody": turn.assignee == nil,
                ]
            }
            return [
                "date": RuleWords.iso(date), "turns": turns, "isEmpty": turns.isEmpty,
                "day": words["day-\(OnCallSchedule.Weekday(daysSinceEpoch: day).name)"],
            ]
        }
    }

    // MARK: Trends

    private var trends: [[String: Any]] {
        let reach = RulesReach(scope, charts: rules.charts)
        return rules.charts.compactMap { chart in
            guard let trend = chart.trend, reach.sees(chart) else { return nil }
            var row: [String: Any] = ["chart": chart.name, "class": trend.orderClass]
            row["threshold"] = RuleWords.plain(.number(trend.forecast.threshold))
            row["direction"] = words[trend.forecast.rising ? "rising" : "falling"]
            row["confidence"] = words.formats.percent(trend.forecast.confidence, digits: 1)
            row["horizon"] = trend.forecast.horizon.map { RuleWords.duration($0 * 86_400) } ?? "–"
            row["lead"] = trend.leadTimes.sorted { $0.key < $1.key }.map { name, time in
                "\(name): \(RuleWords.duration(Double(time) / 1_000_000))"
            }.joined(separator: ", ")
            return row
        }
    }
}
