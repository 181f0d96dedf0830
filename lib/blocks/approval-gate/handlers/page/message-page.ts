import { html } from './html';
import { layout } from './layout';

/**
 * A page that says one thing and knows of no request.
 * @param back whether it leads to the page of the address it has
 */
export function messagePage(heading: string, text: string, back: boolean): string {
  return layout({
    title: heading,
    tone: 'soft-tone',
    body: html`<header>
<h1>${heading}</h1>
<p>${text}</p>
${back ? html`<p><a href="">Back to the request</a></p>\n` : ''}</header>`,
  });
}
