import AndonIdentity
import AndonModel
import Mustache

/// Who may sign, and the steps of their owners and administrators.
struct AccountsPage: Sendable {
    enum Message {
        case done(Account, code: String?)
        case refused(Problem)
    }

    private let template: MustacheTemplate

    init() throws { template = try MustacheTemplate(string: Self.source) }

    func html(_ accounts: [Account], _ message: Message?) -> String {
        var values: [String: Any] = [
            "isEmpty": accounts.isEmpty,
            "accounts": accounts.map { account -> [String: Any] in
                [
                    "number": account.number, "login": account.login, "name": account.printedName,
                    "roles": account.grants.map(\.description).joined(separator: ", "), "state": account.state.rawValue,
                ]
            },
            "roles": Role.allCases.map { ["word": $0.rawValue] },
        ]
        switch message {
        case .done(let account, let code)?:
            values["done"] =
                "\(account.printedName) (\(account.login)), account \(account.number): \(account.state.rawValue)."
            values["code"] = code
        case .refused(let problem)?: values["problem"] = "\(problem.title). \(problem.detail)"
        case nil: break
        }
        return template.render(values)
    }

    private static let consent = """
        <label class="tick"><input type="checkbox" name="accepts" value="true" required> My electronic signature binds me
        like the one by hand (21 CFR 11.100(c)).</label>
        """

    private static let twoPeople = """
        <label>Why <input name="reason" required maxlength="1000"></label>
        <fieldset><legend>Administrator</legend><label>Login name <input name="byLogin" required autocomplete="off"></label>
        <label>Password <input type="password" name="byPassword" required autocomplete="off"></label></fieldset>
        <fieldset><legend>Second person</legend><label>Login name <input name="approverLogin" autocomplete="off"></label>
        <label>Password <input type="password" name="approverPassword" autocomplete="off"></label></fieldset>
        """

    private static let source = """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1"><title>Accounts</title>
        <link rel="stylesheet" href="/desk/style.css"><style>
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .5rem;
          border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } fieldset { border: 1px solid var(--line);
          margin: 0 0 .8rem; } .tick input { display: inline; width: auto; } .code { font: 1.3rem ui-monospace, monospace; }
        .done { border-left: 4px solid #188038; padding: .5rem .8rem; } summary { cursor: pointer; padding: .6rem 0;
          font-weight: 600; } .scroll { overflow-x: auto; }
        </style></head><body><main><h1>Accounts</h1>
        {{#problem}}<p class="problem" role="alert">{{problem}}</p>{{/problem}}
        {{#done}}<div class="done" role="status"><p>{{done}}</p>{{#code}}<p>The code for its owner, good for one use:
        <span class="code">{{code}}</span></p><p>Hand it to that person alone. It is not shown again.</p>{{/code}}</div>{{/done}}
        {{#isEmpty}}<p>Nobody can sign yet. The first account is an administrator's; its code lies in the file
        <code>set-up-code</code> of the data folder.</p><form method="post" action="/accounts/set-up">
        <label>Code <input name="code" required autocomplete="off"></label>
        <label>Login name <input name="login" required autocomplete="username"></label>
        <label>Name as it stands under signatures <input name="printedName" required></label>
        <label>Password <input type="password" name="password" required autocomplete="new-password"></label>
        \(consent)<button class="main">Make the first account</button></form>{{/isEmpty}}
        {{^isEmpty}}<div class="scroll"><table><tr><th>No.</th><th>Name</th><th>Login</th><th>Roles</th><th>State</th></tr>
        {{#accounts}}<tr><td>{{number}}</td><td>{{name}}</td><td>{{login}}</td><td>{{roles}}</td><td>{{state}}</td></tr>
        {{/accounts}}</table></div>
        <details><summary>I have a code: set my password</summary><form method="post" action="/accounts/enrol">
        <label>Login name <input name="login" required autocomplete="username"></label>
        <label>Code <input name="code" required autocomplete="off"></label>
        <label>Password <input type="password" name="password" required autocomplete="new-password"></label>
        \(consent)<button class="main">Set the password</button></form></details>
        <details><summary>Change my password</summary><form method="post" action="/accounts/password">
        <label>Login name <input name="login" required autocomplete="username"></label>
        <label>Password <input type="password" name="password" required autocomplete="current-password"></label>
        <label>New password <input type="password" name="newPassword" required autocomplete="new-password"></label>
        <button class="main">Change it</button></form></details>
        <details><summary>New account</summary><form method="post" action="/accounts/create">
        <label>Login name, never used before <input name="login" required autocomplete="off"></label>
        <label>Name as it stands under signatures <input name="printedName" required></label>
        <label>Roles, with spaces between them: {{#roles}}{{word}} {{/roles}}<input name="roles" required></label>
        <label>How you made sure who it is <input name="identity" required placeholder="staff card seen"></label>
        \(twoPeople)<button class="main">Make the account</button></form></details>
        <details><summary>Reset a password that is lost or known to others</summary>
        <form method="post" action="/accounts/reset"><label>Account number <input name="account" required inputmode="numeric">
        </label>\(twoPeople)<button class="main">Reset it</button></form></details>
        <details><summary>Unlock an account</summary>
        <form method="post" action="/accounts/unlock"><label>Account number <input name="account" required inputmode="numeric">
        </label>\(twoPeople)<button class="main">Unlock it</button></form></details>
        <details><summary>Change roles or name</summary>
        <form method="post" action="/accounts/change"><label>Account number <input name="account" required inputmode="numeric">
        </label><label>Roles <input name="roles"></label><label>Name <input name="printedName"></label>
        \(twoPeople)<button class="main">Change it</button></form></details>
        <details><summary>Retire an account, for good</summary>
        <form method="post" action="/accounts/retire"><label>Account number <input name="account" required inputmode="numeric">
        </label>\(twoPeople)<button class="main">Retire it</button></form></details>{{/isEmpty}}
        <p><a href="/rules">Rules</a> · <a href="/desk">All orders</a></p></main></body></html>
        """
}
