/// The desk's pages. Mustache escapes every value; there is no script, and nothing comes from elsewhere.
enum DeskTemplates {
    static let list = """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1"><title>Desk</title>
        <link rel="stylesheet" href="/desk/style.css"></head><body><main><h1>Work orders</h1>
        <p><a href="/desk/missed">Report a defect that the camera missed</a></p>
        {{^orders}}<p>No orders yet. They appear here as soon as a vision system reports a defect.</p>{{/orders}}
        <ul class="orders">{{#orders}}<li class="{{state}}"><a href="/desk/{{reference}}">
        {{#picture}}<img src="/pictures/{{picture}}" alt="" loading="lazy" width="96" height="72">{{/picture}}
        <span class="what"><b>{{title}}</b><br>
        <span class="p">Priority {{priority}}</span> {{number}} · {{stateName}}{{#assignee}} · {{assignee}}{{/assignee}}
        <br><small>{{created}}{{#planned}} · planned for {{planned}}{{/planned}}</small></span></a></li>{{/orders}}</ul></main></body></html>
        """

    static let detail = """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1"><title>{{number}} {{title}}</title>
        <link rel="stylesheet" href="/desk/style.css"></head><body><main>
        <p><a href="/desk">All orders</a></p><h1>{{title}}</h1>
        {{#problem}}<p class="problem" role="alert">{{problem}}</p>{{/problem}}
        <p><span class="p">Priority {{priority}}</span> {{number}} · {{reference}} · {{stateName}}
        {{#assignee}} · {{assignee}}{{/assignee}}</p>
        {{#planned}}<p>Planned for <b>{{planned}}</b></p>{{/planned}}
        {{#annotated}}<figure><a href="/orders/{{reference}}/annotated">
        <img class="evidence" src="/orders/{{reference}}/annotated" alt="Picture with the defects marked"></a>
        <figcaption><a href="/pictures/{{picture}}">The original</a></figcaption></figure>
        {{#crop}}<figure><a href="/orders/{{reference}}/crop">
        <img class="evidence" src="/orders/{{reference}}/crop" alt="The defect enlarged, beside a good picture"></a>
        </figure>{{/crop}}{{/annotated}}
        {{^annotated}}{{#picture}}<figure><img class="evidence" src="/pictures/{{picture}}" alt="Picture of the defect">
        {{#box}}<svg class="mark" viewBox="0 0 {{width}} {{height}}" role="img" aria-label="Place of the defect">
        <rect x="{{x}}" y="{{y}}" width="{{w}}" height="{{h}}"></rect></svg>{{/box}}</figure>{{/picture}}{{/annotated}}
        {{#pictureGone}}<p>The picture of the defect is {{pictureGone}}.</p>{{/pictureGone}}
        {{#chart}}<figure><a href="/orders/{{reference}}/chart?format=svg">
        <img class="evidence" src="/orders/{{reference}}/chart?format=svg" alt="Control chart: {{chart}}"></a>
        </figure>{{/chart}}
        {{#map}}<figure><a href="/orders/{{reference}}/map?format=svg">
        <img class="evidence" src="/orders/{{reference}}/map?format=svg" alt="Floor plan with the zone {{map}} marked"></a>
        </figure>{{/map}}
        <p><a href="/orders/{{reference}}/sheet.pdf">Sheet to print (PDF)</a></p>
        {{#isOpen}}
        <form method="post" action="/desk/{{reference}}/assign"><label>Assign to
        <input name="person" required maxlength="80" value="{{assignee}}"></label>
        <label>Assigned by <input name="by" required maxlength="80"></label><button>Assign</button></form>
        {{#canStart}}<form method="post" action="/desk/{{reference}}/start"><label>Your name
        <input name="person" required maxlength="80" value="{{assignee}}"></label>
        <button class="main">Start work</button></form>{{/canStart}}
        <form method="post" action="/desk/{{reference}}/close"><h2>Close with the repair's facts</h2>
        <label>Technician <input name="person" required maxlength="80" value="{{assignee}}"></label>
        <label>Labour hours <input name="hours" inputmode="decimal" placeholder="1.5" required></label>
        <label>Root cause code <input name="cause" required maxlength="40" list="causes" placeholder="WEAR"></label>
        <datalist id="causes"><option>WEAR</option><option>MISALIGNED</option><option>CONTAMINATION</option>
        <option>MATERIAL</option><option>SETTING</option><option>NO-FAULT</option></datalist>
        <label>Corrective action code <input name="remedy" maxlength="40" list="remedies" placeholder="REPLACED"></label>
        <datalist id="remedies"><option>REPLACED</option><option>CLEANED</option><option>ADJUSTED</option>
        <option>TIGHTENED</option><option>LUBRICATED</option></datalist>
        <label>Parts, one a line: CODE x QUANTITY name
        <textarea name="parts" rows="2" placeholder="DIE-4 x 1 cutting die"></textarea></label>
        <label>What was done <textarea name="notes" rows="3" required></textarea></label>
        <label>The detection was <select name="verdict"><option value="confirmed">right</option>
        <option value="falseAlarm">a false alarm</option><option value="wrongClass">a different defect</option>
        </select></label><button class="main">Close the order</button></form>
        <form method="post" action="/desk/{{reference}}/cancel"><label>Your name
        <input name="person" required maxlength="80"></label><label>Reason <input name="reason" required></label>
        <button>Cancel the order</button></form>{{/isOpen}}
        {{^isOpen}}<form method="post" action="/desk/{{reference}}/reopen"><label>Your name
        <input name="person" required maxlength="80"></label><button>Reopen</button></form>{{/isOpen}}
        {{#closure}}<h2>Closure</h2><pre>{{closure}}</pre>{{/closure}}
        {{#isWrongClass}}<p><a href="/desk/missed?order={{reference}}">Say what defect it was</a></p>{{/isWrongClass}}
        <h2>What is known</h2><pre>{{text}}</pre>
        {{#notes}}<h2>Note</h2><pre>{{.}}</pre>{{/notes}}
        <p><a href="/orders/{{reference}}/record">The whole record</a></p></main></body></html>
        """

    static let missed = """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1"><title>Missed defect</title>
        <link rel="stylesheet" href="/desk/style.css"></head><body><main>
        <p><a href="/desk">All orders</a></p><h1>A defect that the camera missed</h1>
        <p>Or one that it called by another name. It becomes a label for training the model.</p>
        {{#problem}}<p class="problem" role="alert">{{problem}}</p>{{/problem}}
        {{#kept}}<p role="status">Kept as label {{kept}}. Thank you.</p>{{/kept}}
        <form method="post" action="/desk/missed">
        <label>What defect it is (class) <input name="class" required maxlength="200" value="{{class}}"></label>
        <label>Your name <input name="by" required maxlength="80" value="{{by}}"></label>
        <label>Asset <input name="asset" maxlength="200" value="{{asset}}" placeholder="PRESS-07"></label>
        <label>Camera <input name="camera" maxlength="200" value="{{camera}}"></label>
        <label>When it was seen, {{zone}} (empty for now)
        <input name="seen" type="datetime-local" value="{{seen}}"></label>
        <label>What you saw <textarea name="words" rows="3" maxlength="4000">{{words}}</textarea></label>
        <label>Order that had the wrong class <input name="order" maxlength="40" value="{{order}}"></label>
        <h2>Where it is to be seen, if you know</h2>
        <label>Report (inspection id) <input name="inspection" maxlength="128" value="{{inspection}}"></label>
        <label>Picture (SHA-256) <input name="picture" maxlength="64" value="{{picture}}"></label>
        <label>Box in pixels: left <input name="x" inputmode="decimal" value="{{x}}"></label>
        <label>top <input name="y" inputmode="decimal" value="{{y}}"></label>
        <label>width <input name="width" inputmode="decimal" value="{{width}}"></label>
        <label>height <input name="height" inputmode="decimal" value="{{height}}"></label>
        <button class="main">Report it</button></form></main></body></html>
        """

    static let style = """
        :root { color-scheme: light dark; --line: light-dark(#c4c8cf, #474c55); --main: light-dark(#0b57d0, #a8c7fa);
          --on: light-dark(#fff, #062e6f); }
        body { font: 16px/1.45 system-ui, sans-serif; margin: 0; }
        main { max-width: 46rem; margin: auto; padding: 0 1rem 3rem; }
        h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
        .orders { list-style: none; padding: 0; } .orders li { border-top: 1px solid var(--line); }
        .orders a { display: flex; gap: .8rem; padding: .7rem 0; color: inherit; text-decoration: none; }
        .orders img { object-fit: cover; border-radius: .3rem; } .closed, .cancelled { opacity: .72; }
        .p { border: 1px solid currentColor; border-radius: .3rem; padding: 0 .35rem; font-weight: 600; }
        figure { position: relative; margin: 0 0 1rem; } .evidence { width: 100%; display: block; border-radius: .4rem; }
        .mark { position: absolute; inset: 0; width: 100%; height: 100%; }
        .mark rect { fill: none; stroke: #ffd400; stroke-width: 5; }
        form { border: 1px solid var(--line); border-radius: .4rem; padding: .8rem; margin: 0 0 1rem; }
        label { display: block; margin: 0 0 .6rem; }
        input, textarea, select { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .45rem; }
        button { font: inherit; padding: .55rem 1rem; } .main { background: var(--main); color: var(--on); border: 0;
          border-radius: .4rem; } .problem { border-left: 4px solid #c5221f; padding: .5rem .8rem; }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; } a { color: var(--main); }
        """
}
