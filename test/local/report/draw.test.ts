import type { Definition } from '../../../lib/asl/definition';
import { StatesError } from '../../../local/engine';
import { graphOf, layOut, svgFile, type Theme, tracesOf } from '../../../local/report/graph';
import { COLOURS, LOOKS } from '../../../local/report/graph/colours';
import { textWidth, wrap } from '../../../local/report/graph/text';
import { visitsOf } from '../../../local/report/visits';
import { type Answer, LAMBDA, play } from '../engine/play';
import { NESTED } from './definitions';

async function picture(definition: Definition, answer?: Answer, theme: Theme = 'light'): Promise<string> {
  const layout = await layOut(graphOf(definition));
  if (!answer) return svgFile(layout, theme, { title: 'A workflow' });
  const { history } = await play(definition, {}, answer);
  return svgFile(layout, theme, { title: 'A workflow', traces: tracesOf(visitsOf(history)) });
}

/** The look of each state, by its name. */
function looks(svg: string): Record<string, string> {
  return Object.fromEntries(
    [...svg.matchAll(/<g class="state (\w+)[^>]*><title>([^:(<]*?)(?: \(|:)/g)].map(([, look, name]) => [name, look]),
  );
}

/** Every tag is closed, in order: enough to be read as XML. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, end, name, empty] of svg.matchAll(/<(\/?)([a-zA-Z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (end) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name);
  }
  expect(open).toEqual([]);
  expect(svg.replace(/<\/?[a-zA-Z]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, '')).not.toMatch(/[<]|&(?!(amp|lt|gt|quot|#39);)/);
}

const task = (more: object) => ({ Type: 'Task', Resource: LAMBDA, ...more });
const RUN = {
  StartAt: 'Good',
  States: {
    Good: task({ Next: 'Retried' }),
    Retried: task({ Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }], Next: 'Caught' }),
    Caught: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Both' }], Next: 'Skipped' }),
    Skipped: { Type: 'Pass', Next: 'Both' },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Bad', States: { Bad: task({ End: true }) } },
        { StartAt: 'Stopped', States: { Stopped: { Type: 'Wait', Seconds: 60, End: true } } },
      ],
      End: true,
    },
  },
} as unknown as Definition;

const answer = (): Answer => {
  const left: Record<string, number> = { Retried: 2, Caught: 1, Bad: 1 };
  return ({ stateName }) => {
    if (left[stateName]-- > 0) throw new StatesError('Broken');
    return {};
  };
};

test('states are coloured by what happened, retries counted', async () => {
  const svg = await picture(RUN, answer());
  expect(looks(svg)).toEqual({
    Good: 'succeeded',
    Retried: 'succeeded',
    Caught: 'caught',
    Skipped: 'unvisited',
    Both: 'failed',
    Bad: 'failed',
    Stopped: 'aborted',
  });
  expect(svg).toContain('>2 retries</text>');
  expect(svg).toContain('Retried: succeeded, retried 2 times');
  // Start to Good, on to Retried, to Caught, and by its catcher to Both.
  expect([...svg.matchAll(/class="edge (\w+) taken"/g)].map(([, kind]) => kind)).toEqual(['next', 'next', 'next', 'catch']);
});

test('without a run nothing is coloured', async () => {
  const svg = await picture(NESTED);
  expect(new Set(Object.values(looks(svg)))).toEqual(new Set(['plain']));
  expect(svg).not.toMatch(/class="edge \w+ (un)?taken"/);
});

test.each(['light', 'dark'] as const)('a %s file stands alone', async (theme) => {
  const svg = await picture(RUN, answer(), theme);
  expectWellFormed(svg);
  expect(svg).toContain(COLOURS[theme].page);
  expect(svg).not.toContain(COLOURS[theme === 'light' ? 'dark' : 'light'].page);
  expect(svg).not.toContain('var(');
  expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import|href|<image|<script/);
});

test('names that look like markup are text', async () => {
  const name = '<script>alert("1")</script>&\u0007';
  const svg = await picture({ StartAt: name, States: { [name]: { Type: 'Fail', Error: '<b>' } } });
  expectWellFormed(svg);
  expect(svg).not.toContain('<script');
  expect(svg).toContain('&lt;script&gt;');
  expect(svg).not.toContain('\u0007');
});

/** https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio */
function contrast(first: string, second: string): number {
  const [light, dark] = [first, second].map(luminance).sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test.each(['light', 'dark'] as const)('%s colours can be told from their ground', (theme) => {
  const colours = COLOURS[theme];
  for (const { stroke, fill } of Object.values(LOOKS)) {
    if (stroke !== 'line') expect(contrast(colours[stroke], colours[fill])).toBeGreaterThan(3);
    for (const text of ['text', 'soft'] as const) expect(contrast(colours[text], colours[fill])).toBeGreaterThan(4.5);
  }
  for (const ground of ['page', 'card', 'group'] as const) {
    for (const text of ['text', 'soft', 'accent', 'good', 'bad', 'warn', 'stopped'] as const) {
      expect(contrast(colours[text], colours[ground])).toBeGreaterThan(4.5);
    }
    expect(contrast(colours.faint, colours[ground])).toBeGreaterThan(3);
  }
});

describe('text', () => {
  const font = { size: 13 };

  test.each([
    ['ReviewApplicationEscalation1', 120, ['ReviewApplication', 'Escalation1']],
    ['two words', 400, ['two words']],
    ['approval.decision = "APPROVED"', 130, ['approval.decision =', '"APPROVED"']],
    ['', 100, ['']],
  ])('%j is broken where its parts meet', (text, width, lines) => {
    expect(wrap(text, font, width, 3)).toEqual(lines);
  });

  test('no line is wider than it may be, whatever the text', () => {
    for (const text of ['x'.repeat(200), '日本語の状態名'.repeat(10), 'a b '.repeat(60), '👍'.repeat(50)]) {
      const lines = wrap(text, font, 100, 2);
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(textWidth(line, font)).toBeLessThanOrEqual(100);
      expect(lines[1]).toMatch(/…$/);
    }
  });
});
