/** How a package's page looks: ours, light and dark, wide and on a telephone. It fetches nothing. */
export const PACKAGE_STYLE = `:root{color-scheme:light dark;--ground:#f3f4f6;--page:#fff;--ink:#1c1f23;--soft:#565d66;--line:#737a85;--rule:#d5d9de;--accent:#1c5fb8;--good:#1f7a3d;--bad:#a3480b;font:16px/1.6 system-ui,sans-serif}
@media(prefers-color-scheme:dark){:root{--ground:#15181c;--page:#1f2329;--ink:#e6e8eb;--soft:#a9b0b9;--line:#8a919c;--rule:#3a4048;--accent:#7db0f5;--good:#7fd39a;--bad:#f3a76f}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink)}
.skip{position:absolute;left:-100vw;padding:.5rem 1rem;background:var(--page);color:var(--accent)}
.skip:focus{left:.5rem;top:.5rem}
.sheet{max-width:46rem;margin:2rem auto;padding:1.75rem 2rem;background:var(--page);border-radius:12px;overflow-wrap:anywhere}
@media(max-width:48rem){.sheet{margin:0;padding:1.25rem 1rem 2rem;border-radius:0;min-height:100vh}}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.3rem;margin:1.5rem 0 .5rem}
h3{font-size:1.1rem;margin:1.25rem 0 .5rem}
h2:focus{outline:none}
p,ul,ol{margin:.6rem 0}
a{color:var(--accent)}
code{padding:.1em .3em;border-radius:4px;background:var(--ground);font:.9em ui-monospace,monospace}
pre{overflow-x:auto;padding:.75rem 1rem;border-radius:6px;background:var(--ground)}
pre code{padding:0;background:none;overflow-wrap:normal}
blockquote{margin:.8rem 0;padding:.1rem 0 .1rem 1rem;border-left:4px solid var(--rule)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;min-width:20rem}
th,td{padding:.45rem .6rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top;overflow-wrap:normal}
.aside{margin:1rem 0;padding:.5rem 1rem;border-radius:8px;background:var(--ground)}
.aside>strong{display:block;margin-top:.3rem}
.choice details{margin:.4rem 0;border:1px solid var(--rule);border-radius:6px;background:var(--page)}
.choice summary{padding:.55rem .8rem;cursor:pointer}
.choice details p{margin:0;padding:0 .8rem .7rem}
.lead,.sources,#where{color:var(--soft)}
.sources{margin-top:2rem;font-size:.85rem}
fieldset{margin:1rem 0;padding:.25rem 1rem .4rem;border:1px solid var(--rule);border-radius:8px;min-width:0}
legend{float:left;width:100%;padding:.6rem 0 .3rem;font-weight:600}
legend+*{clear:both}
.option{display:flex;gap:.6rem;align-items:flex-start;padding:.35rem 0;cursor:pointer}
.option input{flex:none;width:1.15rem;height:1.15rem;margin:.25rem 0 0;accent-color:var(--accent)}
.option span{min-width:0}
.option input:checked:disabled+span{font-weight:600}
label.placed{display:block;margin:.6rem 0}
label.placed span{display:block}
select{width:100%;padding:.5rem;font:inherit;color:inherit;background:var(--page);border:1px solid var(--line);border-radius:6px}
button{font:inherit;min-height:2.75rem;padding:.5rem 1.1rem;border-radius:6px;border:1px solid var(--line);background:transparent;color:inherit;cursor:pointer}
button.main{background:#1c5fb8;border-color:transparent;color:#fff}
button:focus-visible,a:focus-visible,summary:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.row{display:flex;flex-wrap:wrap;gap:.75rem;align-items:center;margin-top:1.5rem}
.row #where{margin-inline:auto}
.said{margin:1rem 0;padding:.5rem 1rem;border-left:4px solid var(--accent);background:var(--ground);border-radius:0 6px 6px 0}
.said.good{border-color:var(--good)}.said.bad{border-color:var(--bad)}
.said strong{display:block}
.said code,.aside code{background:var(--page)}
[hidden]{display:none!important}
`;
