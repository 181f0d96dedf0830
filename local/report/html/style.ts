import { COLOURS, type Colour, graphStyle, type Theme } from '../graph';

const variables = (theme: Theme) =>
  Object.entries(COLOURS[theme])
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');

/** Of the whole page. Colours follow the reader's scheme. */
export const STYLE = `
:root{color-scheme:light dark;${variables('light')}}
@media(prefers-color-scheme:dark){:root{${variables('dark')}}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;overflow-wrap:break-word;background:var(--page);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:84rem;margin:0 auto;padding:clamp(1rem,3vw,2.5rem) clamp(.75rem,3vw,2rem)}
h1{margin:0;font-size:clamp(1.4rem,4vw,1.9rem);line-height:1.2;font-weight:680}
h2{margin:2.5rem 0 .25rem;font-size:1.3rem;font-weight:660}
h3{margin:0;font-size:1rem;font-weight:650}
h4{margin:1.5rem 0 .5rem;font-size:.95rem;font-weight:650}
p{margin:.35rem 0 0}
a{color:var(--accent)}
code,pre{font:.85em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{margin:.25rem 0 0;padding:.6rem .75rem;max-height:24rem;overflow:auto;background:var(--group);border:1px solid var(--line);border-radius:.4rem;white-space:pre-wrap}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.3rem}
.soft{color:var(--soft)}
.small{font-size:.875rem}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.scroll{overflow-x:auto;margin:.75rem 0 0;background:var(--card);border:1px solid var(--line);border-radius:.6rem}
table{width:100%;border-collapse:collapse;font-size:.9rem}
caption{padding:.6rem .9rem;text-align:left;font-weight:650}
th,td{padding:.5rem .9rem;text-align:left;vertical-align:top;border-top:1px solid var(--line);overflow-wrap:break-word}
.long{min-width:13rem;overflow-wrap:anywhere}
thead th{border-top:0;color:var(--soft);font-weight:600;font-size:.82rem}
tbody th{font-weight:500}
.status{flex:none;width:1.15rem;height:1.15rem;padding:.2rem;border-radius:50%;fill:none;stroke:var(--card);stroke-width:2;stroke-linecap:round;stroke-linejoin:round;vertical-align:-.2rem;background:var(--tone)}
.succeeded,.done{--tone:var(--good);--tint:var(--goodTint)}
.failed,.denied{--tone:var(--bad);--tint:var(--badTint)}
.caught{--tone:var(--warn);--tint:var(--warnTint)}
.running{--tone:var(--busy);--tint:var(--busyTint)}
.aborted{--tone:var(--stopped);--tint:var(--stoppedTint)}
.word{color:var(--tone);font-weight:600}
details>summary{cursor:pointer;list-style:none}
details>summary::-webkit-details-marker{display:none}
details>summary::before{content:"";flex:none;width:.45rem;height:.45rem;border:solid var(--soft);border-width:0 2px 2px 0;transform:rotate(-45deg);transition:transform .12s}
details[open]>summary::before{transform:rotate(45deg)}
.scenario{margin:.75rem 0 0;background:var(--card);border:1px solid var(--line);border-left:.3rem solid var(--tone);border-radius:.6rem}
.scenario>summary{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem .7rem;padding:.8rem 1rem}
.scenario>summary .grow{flex:1 1 16rem;min-width:0}
.body{padding:.25rem clamp(.75rem,2vw,1.25rem) 1.25rem;border-top:1px solid var(--line)}
.problems,.mail,h1,h2,h3,.grow{overflow-wrap:anywhere}
.problems{margin:1rem 0 0;padding:.75rem 1rem;border-left:.3rem solid var(--bad);background:var(--badTint);border-radius:.3rem}
.problems ul{margin:.35rem 0 0;padding-left:1.2rem}
.columns{display:grid;gap:0 1.75rem}
.columns>*{min-width:0}
@media(min-width:70rem){.columns{grid-template-columns:minmax(0,1.2fr) minmax(0,1fr)}.picture{position:sticky;top:1rem;align-self:start}}
figure{margin:0}
.picture .frame{max-height:88vh;overflow:auto;border:1px solid var(--line);border-radius:.5rem;background:var(--page)}
.frame svg{display:block;margin:0 auto;max-width:100%;height:auto;min-width:calc(var(--natural)*.78)}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1rem;margin:.6rem 0 0;padding:0;list-style:none}
.visits{margin:0;padding:0;list-style:none}
.visits li{border-top:1px solid var(--line);padding-left:calc(var(--depth)*1.25rem)}
.visits li:first-child{border-top:0}
.visits summary{display:flex;align-items:baseline;gap:.6rem;padding:.45rem 0}
.visits summary .status{align-self:center}
.visits .name{flex:1;overflow-wrap:anywhere;font-weight:600;min-width:0}
.visits .facts{color:var(--soft);font-size:.85rem;text-align:right}
.visits .inside{padding:0 0 .9rem 1.1rem}
.visits :target,.visits :target summary{background:var(--goodTint)}
.label{margin:.6rem 0 0;font-size:.82rem;font-weight:600;color:var(--soft)}
.part{border-top:1px solid var(--line)}
.part:first-of-type{margin-top:1.25rem}
.part>summary{display:flex;align-items:center;gap:.7rem;padding:.6rem 0;font-weight:650}
.part>summary .soft{font-weight:400}
.part>.inside{padding:0 0 1rem}
.mail{margin:.5rem 0 0;padding:.6rem .9rem;border:1px solid var(--line);border-radius:.5rem}
footer{margin:3rem 0 0;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}
@media(max-width:40rem){th,td{padding:.45rem .6rem}.stack thead{display:none}.stack tr{display:block;padding:.5rem 0;border-top:1px solid var(--line)}.stack tbody tr:first-child{border-top:0}.stack tbody th{font-weight:600}.stack td,.stack tbody th{display:block;min-width:0;padding:.05rem .75rem;border:0;text-align:left}.stack td[data-label]::before{content:attr(data-label) ": ";color:var(--soft)}.visits .inside{padding-left:0}}
@media print{.picture .frame,pre{max-height:none}.scenario{break-inside:avoid}}
@media(prefers-reduced-motion:reduce){*{transition:none!important}}
${graphStyle((colour: Colour) => `var(--${colour})`)}
`;
