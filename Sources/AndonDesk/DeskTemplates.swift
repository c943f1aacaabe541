/// The sheet of the older pages, which bring their own frame.
enum DeskTemplates {
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
