import { createHash } from 'node:crypto';

/** Colours have a contrast of 4.5 to 1 at least, in both schemes. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--text:#1b2430;--soft:#566273;--line:#d9dee5;--edge:#7d8899;--accent:#1c4f8f;--on:#fff;--good:#1a6b45;--bad:#9c2b2b;--wait:#7a5200;--tint:#f4f7fb}
@media(prefers-color-scheme:dark){:root{--page:#12161c;--card:#1b2129;--text:#e8ecf1;--soft:#a4afbd;--line:#323b47;--edge:#76828f;--accent:#8fbcf2;--on:#0f1a28;--good:#7ad0a3;--bad:#f2a0a0;--wait:#e6bd6a;--tint:#202834}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
main{max-width:40rem;margin:0 auto;padding:clamp(1rem,4vw,3rem) clamp(.75rem,4vw,1.5rem)}
article{background:var(--card);border:1px solid var(--line);border-radius:.75rem;overflow:hidden}
article>*{padding:1.25rem clamp(1rem,5vw,2rem)}
article>*+*{border-top:1px solid var(--line)}
header{border-top:.3rem solid var(--tone,var(--accent))!important}
h1{margin:0;font-size:clamp(1.35rem,5vw,1.7rem);line-height:1.25;font-weight:650}
h2{margin:0 0 .75rem;font-size:1rem;font-weight:650}
p{margin:.5rem 0 0}
.kicker{margin:0 0 .35rem;font-size:.875rem;font-weight:600;color:var(--tone,var(--accent))}
.soft,.hint,footer{color:var(--soft);font-size:.9rem}
dl{margin:0;display:grid;grid-template-columns:minmax(6rem,9rem) 1fr;gap:.5rem 1.5rem}
dt{color:var(--soft)}
dd{margin:0;font-weight:500;white-space:pre-line}
code{white-space:nowrap;font:.95em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
fieldset{border:0;margin:0;padding:0;min-width:0}
legend{padding:0;margin:0 0 .25rem;font-weight:650}
label{display:block;margin:1rem 0 .15rem;font-weight:600}
.hint{margin:0 0 .4rem}
input,textarea{display:block;width:100%;padding:.65rem .8rem;color:inherit;background:var(--card);border:1px solid var(--edge);border-radius:.45rem;font:inherit}
input{max-width:13rem;font:600 1.35rem/1.3 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:.1em;text-transform:uppercase}
textarea{min-height:5.5rem;resize:vertical}
.choices{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.25rem}
button{flex:1 1 9rem;min-height:3rem;padding:.6rem 1rem;border:2px solid var(--accent);border-radius:.45rem;font:inherit;font-weight:600;cursor:pointer;background:var(--accent);color:var(--on)}
button[value=REJECTED]{background:transparent;color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
a{color:var(--accent)}
.problem{margin:0 0 1rem;padding:.75rem 1rem;border-left:.3rem solid var(--bad);background:var(--tint);border-radius:.25rem}
.problem strong{color:var(--bad)}
.good{--tone:var(--good)}.bad{--tone:var(--bad)}.wait{--tone:var(--wait)}.soft-tone{--tone:var(--edge)}
footer{padding:1rem .25rem 0}
@media(max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.75rem}}
`;

/** What the content security policy lets through. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;
