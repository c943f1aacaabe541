import AndonLearn
import AndonModel
import Foundation
import Hummingbird
import Mustache

/// A report as a page: sentences first, then the curves, then the table that they were drawn from.
struct LearnPage: Sendable {
    private let template: MustacheTemplate

    init() throws { template = try MustacheTemplate(string: Self.source) }

    func html(_ report: Report, _ question: Question, query: Parameters) -> String {
        func field(_ name: String) -> String { query[name[...]].map(String.init) ?? "" }
        // What is looked at stays when another question is asked of it.
        var kept = URLComponents()
        kept.queryItems = ["class", "asset", "from", "until"].filter { !field($0).isEmpty }.map {
            URLQueryItem(name: $0, value: field($0))
        }
        let tail = kept.queryItems?.isEmpty == false ? "?" + (kept.percentEncodedQuery ?? "") : ""
        let values: [String: Any] = [
            "title": report.title, "definition": report.definition, "size": report.basis.ledgerSize,
            "root": report.basis.ledgerRoot, "at": report.basis.at.description,
            "questions": Question.all.map {
                ["name": $0.name, "title": $0.title, "isHere": $0.name == question.name] as [String: Any]
            },
            "tail": tail.replacing("+", with: "%2B"), "takesBy": question.takesBy, "by": field("by"),
            "class": field("class"), "asset": field("asset"), "from": field("from"), "until": field("until"),
            "api": "/api/v1/learn/\(question.name)", "sections": report.sections.map(Self.values),
        ]
        return template.render(values)
    }

    private static func values(_ section: Report.Section) -> [String: Any] {
        var values: [String: Any] = ["heading": section.heading, "sentences": section.sentences]
        if let table = section.table {
            values["hasTable"] = !table.rows.isEmpty
            values["columns"] = table.columns
            values["rows"] = table.rows.map { row in
                ["cells": row.map { ["text": Self.text($0), "isNumber": Self.isNumber($0)] as [String: Any] }]
            }
            values["isEmpty"] = table.rows.isEmpty
        }
        if !section.curves.isEmpty { values["figure"] = CurveFigure(section.curves).svg }
        return values
    }

    static func text(_ cell: Report.Cell) -> String {
        switch cell {
        case .text(let text): text
        case .count(let count): "\(count)"
        case .number(let value, let digits): value.fixed(digits)
        case .share(let value): "\((value * 100).fixed(1)) %"
        case .none: "–"
        }
    }

    private static func isNumber(_ cell: Report.Cell) -> Bool { if case .text = cell { false } else { true } }

    private static let source = """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1"><title>{{title}}</title>
        <link rel="stylesheet" href="/desk/style.css"><style>main { max-width: 72rem; }
        nav { padding-top: .6rem; } nav a { margin-right: 1rem; } nav b { margin-right: 1rem; }
        table { border-collapse: collapse; width: 100%; margin: 0 0 1.4rem; } th, td { text-align: left; vertical-align: top;
          padding: .3rem .5rem; border-bottom: 1px solid var(--line); }
        td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } .scroll { overflow-x: auto; }
        form.filter { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; } form.filter label { margin: 0; }
        figure svg { width: 100%; max-width: 44rem; height: auto; } small code { overflow-wrap: anywhere; }
        </style></head><body><main>
        <nav>{{#questions}}{{#isHere}}<b>{{title}}</b>{{/isHere}}{{^isHere}}<a href="/learn/{{name}}{{tail}}">{{title}}</a>{{/isHere}}{{/questions}}</nav>
        <h1>{{title}}</h1>
        <form class="filter"><label>Class <input name="class" value="{{class}}" maxlength="120"></label>
        <label>Asset <input name="asset" value="{{asset}}" maxlength="120"></label>
        <label>From <input name="from" value="{{from}}" placeholder="2026-01-01" maxlength="40"></label>
        <label>Until <input name="until" value="{{until}}" placeholder="2027-01-01" maxlength="40"></label>
        {{#takesBy}}<label>Told apart by <input name="by" value="{{by}}" placeholder="class,asset,technician" maxlength="120"></label>{{/takesBy}}
        <button>Show</button></form>
        {{^sections}}<p>Nothing yet. Answers come once orders have been closed in the CMMS.</p>{{/sections}}
        {{#sections}}<section><h2>{{heading}}</h2>{{#sentences}}<p>{{.}}</p>{{/sentences}}
        {{#figure}}<figure>{{{.}}}</figure>{{/figure}}
        {{#isEmpty}}<p>None.</p>{{/isEmpty}}{{#hasTable}}<div class="scroll"><table><tr>{{#columns}}<th>{{.}}</th>{{/columns}}</tr>
        {{#rows}}<tr>{{#cells}}<td{{#isNumber}} class="n"{{/isNumber}}>{{text}}</td>{{/cells}}</tr>{{/rows}}</table></div>{{/hasTable}}</section>
        {{/sections}}
        <p><small>{{definition}}</small></p>
        <p><small>Computed from the ledger's first {{size}} entries (root <code>{{root}}</code>), watched until {{at}}.
        <a href="{{api}}">The same for programs</a></small></p></main></body></html>
        """
}
