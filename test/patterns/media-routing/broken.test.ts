import { testBroken } from '../../support/broken-sample';

const HANDLERS = 'patterns/media-routing';

testBroken('media-routing', [
  [
    'a route that takes what is unknown for small',
    'length-unknown',
    { rule: '$states.input.recording.seconds <= 600', becomes: '$not($states.input.recording.seconds > 600 and true)' },
  ],
  ['a limit that is none', 'large', { rule: 'recording.seconds <= 600', becomes: 'recording.seconds <= 6000' }],
  ['a function that dies and is given up', 'spills-over', { rule: 'Runtime\\\\.OutOfMemory|', becomes: '' }],
  [
    'a container that is believed',
    'container-idle',
    {
      rule: '"Condition":"{% $states.input.recording.present = true %}","Next":"Previewed"',
      becomes: '"Condition":"{% true %}","Next":"Previewed"',
    },
  ],
  [
    'a preview that stays whatever is uploaded',
    'replaced',
    { handler: `${HANDLERS}:measure`, file: 'recordings.ts', line: '=== etag', becomes: '!== undefined' },
  ],
  ['a source that nobody pinned', 'changed', { handler: `${HANDLERS}:measure`, file: 'measure.ts', line: 'etag: wanted,', becomes: '' }],
  ['a recording that is cut off', 'cut-off', { handler: `${HANDLERS}:measure`, file: 'measure.ts', line: 'end > size', becomes: 'false' }],
  [
    'a preview of half the sound',
    'small',
    { handler: `${HANDLERS}:preview`, file: 'wav.ts', line: 'bytes: size }', becomes: 'bytes: size >> 1 }' },
  ],
]);
