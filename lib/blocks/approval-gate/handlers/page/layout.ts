import { Html, html } from './html';
import { STYLE } from './style';

/** The colour of a page's head. */
export type Tone = 'open' | 'good' | 'bad' | 'wait' | 'soft-tone';

export interface Layout {
  /** Of the window. */
  readonly title: string;
  readonly tone: Tone;
  readonly body: Html;
  /** Below the card. */
  readonly footer?: Html;
}

/** A whole page: no script, nothing from another host, the style inline. */
export function layout({ title, tone, body, footer }: Layout): string {
  const style = new Html(`<style>${STYLE}</style>`);
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
${style}
</head>
<body>
<main>
<article class="${tone}">
${body}
</article>
${footer && html`<footer>${footer}</footer>\n`}</main>
</body>
</html>
`.text;
}
