import AndonModel

extension Rules {
    /// The whole content of the rules, for the ledger and for telling one version from the next: equal rules give
    /// equal canonical bytes. Durations are seconds. The version's number is not in it.
    public var json: JSON {
        .object(present: [
            "charts": charts.isEmpty ? nil : .object(charts.byName.mapValues(\.json)),
            "bands": .array(bands.bands.map { ["name": .string($0.name), "from": .number($0.from)] }),
            "unstatedBand": .string(bands.unstated),
            "severityNames": .object(severityNames.mapValues { .number($0) }),
            "criticalities": .array(criticalities.names.map { .string($0) }),
            "unknownCriticality": .string(criticalities.unknown),
            "priorities": .object(priorities.cells.mapValues { .object($0.mapValues { .integer($0) }) }),
            "actions": .array(actions.map { .string($0) }),
            "defaults": defaults.json,
            "classes": .object(classes.mapValues(\.json)),
            "unmapped": unmapped.json,
            "routing": routing.json,
        ])
    }
}

extension Rule {
    /// The fields that are said here.
    public var json: JSON {
        .object(present: [
            "minConfidence": minConfidence.map { .number($0) }, "minSeverity": minSeverity.map { .number($0) },
            "frequency": frequency?.json, "coolDown": coolDown.map { .number($0.seconds) },
            "whileOpen": whileOpen.map { .string($0.rawValue) }, "whenWorse": whenWorse.map { .string($0.rawValue) },
            "kind": kind.map { .string($0.rawValue) }, "action": action.map { .string($0) },
            "orderType": orderType.map { .string($0) }, "defaultSeverity": defaultSeverity.map { .number($0) },
            "reopenWithin": reopenWithin.map { .number($0.seconds) },
            "afterCancel": afterCancel.map { .string($0.rawValue) },
            "afterCancelFor": afterCancelFor.map { .number($0.seconds) },
            "whenInControl": whenInControl.map { .string($0.rawValue) },
            "whenOutOfControl": whenOutOfControl.map { .string($0.rawValue) },
        ])
    }
}

extension Frequency {
    public var json: JSON {
        switch within {
        case .time(let duration): ["count": .integer(count), "seconds": .number(duration.seconds)]
        case .parts(let parts): ["count": .integer(count), "parts": .integer(parts)]
        }
    }
}

extension DefectClass {
    public var json: JSON {
        .object(present: [
            "label": .string(label), "name": .string(name), "code": code.map { .string($0) }, "rule": rule.json,
            "groups": .object(groups.mapValues(\.json)), "types": .object(types.mapValues(\.json)),
            "assets": .object(assets.mapValues(\.json)),
        ])
    }
}

extension Routing {
    public var json: JSON {
        .object(present: [
            "priorities": .array(priorities.sorted().map { .integer($0) }),
            "criticalities": criticalities.map { .array($0.sorted().map { .string($0) }) },
            "timeZone": .string(schedule.timeZone),
            "shifts": .array(schedule.shifts.map(\.json)),
            "overrides": .array(schedule.overrides.map(\.json)),
        ])
    }
}

extension OnCallSchedule.Shift {
    public var json: JSON {
        [
            "name": .string(name), "assignee": .string(assignee), "from": .integer(from), "to": .integer(to),
            "days": .array(days.sorted { $0.rawValue < $1.rawValue }.map { .string($0.name) }),
        ]
    }
}

extension OnCallSchedule.Override {
    public var json: JSON {
        let date = Timestamp(microseconds: date.daysSinceEpoch * 86_400_000_000).description.prefix(10)
        return .object(present: [
            "date": .string(String(date)), "shift": shift.map { .string($0) },
            "assignee": assignee.map { .string($0) },
        ])
    }
}
