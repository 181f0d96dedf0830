import { testBroken } from '../../support/broken-sample';

const MODELS = 'lib/model-approval';
const handler = (name: string, file: string, line: string, becomes: string) => ({ handler: `${MODELS}:${name}`, file, line, becomes });

testBroken('model-approval', [
  [
    'a role that is everybody who shares it',
    'not-hers',
    {
      handler: 'lib/blocks/approval-gate:portal',
      file: 'portal.ts',
      line: 'normaliseIdentity(request.approver) !== approver.identity',
      becomes: 'false',
    },
  ],
  ['a rejection that counts as an approval', 'denied', { rule: 'decision = \\"APPROVED\\"', becomes: 'decision != \\"NOBODY\\"' }],
  ['a trainer who is asked', 'trainer-reviews', { rule: '$states.input.manifest.trainedBy); $type', becomes: '\\"nobody\\"); $type' }],
  ['what is in force that is asked about again', 'started-twice', { rule: '$states.input.compared.same', becomes: 'false' }],
  [
    'copies of what is there now',
    'changed-after-review',
    handler('copy', 'copy-target.ts', `?versionId=\${encodeURIComponent(versionId)}`, ''),
  ],
  ['what was deleted that is not missed', 'version-deleted', handler('copy', 'copy.ts', 'if (gone.length === 0) return;', 'return;')],
  [
    'a copy of some files',
    'approved',
    handler('copy', 'copy.ts', 'const missing = review.artifacts.filter(', 'const missing = review.artifacts.slice(1).filter('),
  ],
  ['a large copy of one part again and again', 'large-file', handler('copy', 'copy-in-parts.ts', '(PartNumber - 1) * size', '0')],
  ['a record that anybody may change', 'review-replaced', handler('copy', 'review.ts', 'if (found !== expected) {', 'if (false) {')],
  [
    'a pointer that goes wherever it is',
    'rolled-back-meanwhile',
    handler('publish', 'publish.ts', `{ IfMatch: \`"\${replaces}"\` }`, '{}'),
  ],
  ['a model without a pointer', 'approved', handler('publish', 'publish.ts', 'Key: current,', 'Key: current + ".new",')],
  ['a comparison with nothing', 'two-versions', handler('compare', 'compare.ts', 'current?.published.metrics ?? {}', '{}')],
  ['a file that is not missed', 'file-missing', handler('pin', 'pin.ts', 'if (missing.length > 0) {', 'if (false) {')],
  ['names that lead elsewhere', 'malformed-manifest', handler('read-manifest', 'manifest.ts', '!FILE.test(file)', 'false')],
  [
    'diagnostics that are taken as they are',
    'no-metrics',
    handler('pin', 'diagnostics.ts', "throw invalid(key, 'they are no JSON')", 'diagnostics = { auc: 1 }'),
  ],
  [
    'files as they are when somebody looks',
    'replaced-before-review',
    handler('pin', 'pin.ts', 'versions.find(({ writtenAt }) => writtenAt <= time)', 'versions[0]'),
  ],
]);
