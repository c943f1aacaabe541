import AndonDesk
import AndonLearn
import AndonModel
import AndonWeb
import Foundation

/// A report as its template shows it: sentences first, then the curves, then the table that they were drawn from; all of it
/// in the reader's language.
struct LearnPage {
    let question: Question
    let form: URLEncodedForm
    let texts: Texts
    let formats: Formats
    /// Nil where the question could not be asked so.
    var report: Report?
    var problem: String?
    /// Whether the reader may take labelled pictures along.
    var mayExport = false
    /// Planned tasks that the reader may propose to change.
    var tasks: Set<String> = []

    private static let page = "learn"
    /// What is looked at stays when another question is asked of it.
    private static let kept = ["class", "asset", "from", "until"]
    /// Rows of a curve in words.
    private static let curveRows = 25

    private var writer: PhraseWriter { PhraseWriter(texts: texts, formats: formats) }

    init(question: Question, form: URLEncodedForm, texts: Texts, formats: Formats) {
        (self.question, self.form) = (question, form)
        (self.texts, self.formats) = (texts, formats)
    }

    var title: String { Self.title(question, texts) }

    private static func title(_ question: Question, _ texts: Texts) -> String {
        let title = texts[page, "question-\(question.name)"]
        return title.hasPrefix("«") ? question.title : title
    }

    var values: [String: Any] {
        var values: [String: Any] = [:]
        values["title"] = title
        values["questions"] = Question.all.map { other -> [String: Any] in
            var entry: [String: Any] = [:]
            entry["name"] = Self.title(other, texts)
            entry["address"] = "/learn/\(other.name)\(tail)"
            entry["isHere"] = other.name == question.name
            return entry
        }
        for name in Self.kept + ["by"] { values[name] = (form[name] ?? "").cut(to: 200) }
        values["path"] = "/learn/\(question.name)"
        values["takesBy"] = question.takesBy
        values["problem"] = problem
        values["isFiltering"] = (Self.kept + ["by"]).contains { form[$0] != nil }
        values["api"] = "/api/v1/learn/\(question.name)\(tail)"
        if mayExport, question.name == "feedback" { values["labels"] = labels }
        if let report { add(report, to: &values) }
        return values
    }

    private func add(_ report: Report, to values: inout [String: Any]) {
        values["hasReport"] = true
        values["definition"] = writer.text(report.defined)
        values["basis"] = texts.text(
            Self.page, "basis",
            ["size": formats.number(Int(report.basis.ledgerSize)), "at": formats.second(report.basis.at)])
        values["root"] = report.basis.ledgerRoot
        values["counted"] = report.sites.map {
            texts.text(Self.page, "sites", ["sites": $0.joined(separator: ", ")])
        }
        values["sections"] = report.sections.map(section)
        values["isNothing"] = report.sections.isEmpty
    }

    /// The filter as a query, with the mark before it; empty without one.
    private var tail: String {
        let parts = Self.kept.compactMap { name in form[name].map { "\(name)=\(ChartAddress.encoded($0))" } }
        return parts.isEmpty ? "" : "?\(parts.joined(separator: "&"))"
    }

    private var labels: [[String: Any]] {
        ["coco", "yolo"].map { format -> [String: Any] in
            let query = tail.isEmpty ? "?format=\(format)" : "\(tail)&format=\(format)"
            return ["name": format.uppercased(), "address": "/api/v1/learn/labels\(query)"]
        }
    }

    // MARK: Sections

    private func section(_ section: Report.Section) -> [String: Any] {
        var values: [String: Any] = ["heading": writer.text(section.called)]
        values["sentences"] = section.said.map(sentence)
        let picture: String
        if let pareto = section.pareto {
            picture = ParetoFigure(pareto: pareto, writer: writer).svg
        } else {
            picture = section.curves.isEmpty ? "" : CurveFigure(section.curves, writer).svg
            values["drawn"] = section.curves.map(curve)
        }
        if !picture.isEmpty { values["picture"] = picture }
        if let table = section.table { values["tables"] = [self.values(table)] }
        if tasks.contains(section.heading) {
            values["propose"] = "/learn/proposals?task=\(ChartAddress.encoded(section.heading))"
        }
        return values
    }

    private func sentence(_ phrase: Phrase) -> [String: Any] {
        var values: [String: Any] = ["text": writer.text(phrase)]
        values["isEnglish"] = PhraseWriter.isEnglish(phrase)
        return values
    }

    /// Figures stand to the right, under headings that do.
    private func values(_ table: Report.Table) -> [String: Any] {
        let isNumber = table.heads.indices.map { column in
            table.rows.allSatisfy { row in column < row.count && row[column].words == nil }
        }
        var values: [String: Any] = [:]
        values["hasRows"] = !table.rows.isEmpty
        values["columns"] = zip(table.heads, isNumber).map { head, isNumber -> [String: Any] in
            ["text": writer.text(head), "isNumber": isNumber]
        }
        values["rows"] = table.rows.map { row -> [String: Any] in
            ["cells": zip(row, isNumber).map { cell, isNumber in self.cell(cell, isNumber) }]
        }
        return values
    }

    private func cell(_ cell: Report.Cell, _ isNumber: Bool) -> [String: Any] {
        ["text": writer.text(cell), "isNumber": isNumber]
    }

    /// A curve in words, with a part of its points where they are many.
    private func curve(_ curve: Report.Curve) -> [String: Any] {
        let count = curve.points.count
        let step = max(1, (count + Self.curveRows - 1) / Self.curveRows)
        let shown = curve.points.enumerated().filter { $0.offset % step == 0 || $0.offset == count - 1 }.map(\.element)
        func text(_ value: Double?) -> String { value.map { writer.number($0, 3) } ?? "–" }
        var values: [String: Any] = [:]
        values["curve"] = writer.text(curve.called)
        values["across"] = writer.text(curve.across)
        values["up"] = writer.text(curve.up)
        values["cases"] = texts.text(
            Self.page, "points-shown", ["shown": formats.number(shown.count), "count": formats.number(count)])
        values["points"] = shown.map { point -> [String: Any] in
            ["x": text(point.x), "y": text(point.y), "lower": text(point.lower), "upper": text(point.upper)]
        }
        return values
    }
}
