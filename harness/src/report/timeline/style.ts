/** The look of the timeline page. Colours differ in lightness too, so that they can be told apart without hue. */
export const style = `
:root { color-scheme: light dark; --ok: #2f8f5b; --bad: #c8402f; --wait: #d8c9a3; --run: #3b78b5; --line: #8884; --fault: #c8402f22; --dim: #777 }
body { font: 14px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.05rem; margin-top: 2rem }
.facts { color: var(--dim) }
.outcome { text-transform: uppercase; font-size: .75em; font-weight: 700; padding: .15em .5em; border-radius: .3em; color: #fff; background: #8a6d1a }
.outcome.pass { background: var(--ok) } .outcome.fail { background: var(--bad) }
.card { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; border: 1px solid var(--line); border-left: 4px solid var(--bad); padding: .5rem .8rem; border-radius: .3rem }
svg { width: 100%; height: auto; overflow: visible }
svg text { font: 11px system-ui, sans-serif; fill: currentColor } svg text.dim { fill: var(--dim) }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid var(--line) }
th { font-weight: 600; color: var(--dim) } td ul { margin: .3rem 0; padding-left: 1.1rem; color: var(--dim) }
code { font-size: .85em } .num { text-align: right; font-variant-numeric: tabular-nums }
.legend span::before { content: ''; display: inline-block; width: .9em; height: .9em; margin: 0 .35em 0 1em; vertical-align: -.1em; border-radius: .15em; background: var(--c) }
`
