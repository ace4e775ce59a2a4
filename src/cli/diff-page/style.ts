/** The look of the page, in light, in the dark and on paper. */
export const style = `
:root{color-scheme:light dark;--text:#1d2430;--dim:#5c6675;--page:#fff;--raised:#f4f6f9;--line:#d9dee6;--link:#0b5cad;
--bad:#b3261e;--bad-page:#fdecea;--good:#1b6e3c;--good-page:#e7f5ec;--warn:#8a5300;--warn-page:#fff3e0}
@media (prefers-color-scheme:dark){:root{--text:#e4e8ee;--dim:#9aa5b5;--page:#14181f;--raised:#1d232c;--line:#333c49;--link:#7ab7ff;
--bad:#ff8a80;--bad-page:#3a1a1a;--good:#7fd6a0;--good-page:#152c1f;--warn:#ffc46b;--warn-page:#35270f}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem 1.25rem 4rem;background:var(--page);color:var(--text);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.35rem;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .6rem}
h3{font-size:1rem;margin:0 0 .4rem}
a{color:var(--link)}
code,.v{font-family:ui-monospace,monospace;font-size:.92em;overflow-wrap:anywhere}
.dim{color:var(--dim)}
.tiles{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0;padding:0;list-style:none}
.tiles li{background:var(--raised);border:1px solid var(--line);border-radius:.5rem;padding:.5rem .9rem;min-width:6.5rem}
.tiles b{display:block;font-size:1.4rem;line-height:1.2;font-variant-numeric:tabular-nums}
.tiles .bad{background:var(--bad-page);border-color:var(--bad);color:var(--bad)}
.tiles .good{background:var(--good-page);border-color:var(--good);color:var(--good)}
.box{border:1px solid var(--line);border-left-width:.35rem;border-radius:.4rem;padding:.8rem 1rem;margin:.8rem 0}
.box.bad{border-color:var(--bad);background:var(--bad-page)}
.box.bad h3{color:var(--bad)}
.box.warn{border-color:var(--warn);background:var(--warn-page)}
.box.warn h3{color:var(--warn)}
.box ul{margin:0;padding-left:1.2rem;columns:22rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .7rem .3rem 0;border-top:1px solid var(--line)}
thead th{border-top:0;white-space:nowrap;background:var(--page);position:sticky;top:0;z-index:1}
th button{all:unset;cursor:pointer;text-decoration:underline dotted;text-underline-offset:.2em}
th button:focus-visible{outline:2px solid var(--link)}
th[aria-sort=ascending] button::after{content:" \\2191"}
th[aria-sort=descending] button::after{content:" \\2193"}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.badge{display:inline-block;border:1px solid var(--line);border-radius:1rem;padding:0 .55rem;font-size:.85em;white-space:nowrap}
.badge.bad{color:var(--bad);border-color:var(--bad)}
.badge.warn{color:var(--warn);border-color:var(--warn)}
.badge.good{color:var(--good);border-color:var(--good)}
tr.more td{border-top:0;padding-top:0}
summary{cursor:pointer}
details>summary::marker{color:var(--dim)}
details.section>summary{font-weight:600;padding:.3rem 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--raised);border-radius:.4rem;padding:.6rem .8rem;margin:.4rem 0;font-size:.88em;max-height:24rem;overflow:auto}
#tools{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;gap:.6rem;align-items:center;background:var(--page);padding:.6rem 0}
#tools[hidden]{display:none}
#tools~* thead th{top:3.2rem}
#tools input{font:inherit;flex:1 1 16rem;padding:.35rem .6rem;color:inherit;background:var(--raised);border:1px solid var(--line);border-radius:.4rem}
#tools button{font:inherit;padding:.35rem .7rem;color:inherit;background:var(--raised);border:1px solid var(--line);border-radius:.4rem;cursor:pointer}
@media print{body{max-width:none;padding:0;font-size:10pt}#tools{display:none}thead th{position:static}pre{max-height:none;overflow:visible}
tbody,.box{break-inside:avoid}a{color:inherit}}
`
