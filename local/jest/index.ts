/**
 * `import 'stepworks/local/jest'` gives `expect` the matchers below. Where a test runner has no global `expect`:
 * `expect.extend(matchers)`.
 */
import './types';
import { matchers } from './matchers';

export { matchers } from './matchers';
export type { WorkflowMatchers } from './types';
export { workflowSerializer } from './workflow-serializer';

const { expect } = globalThis as { readonly expect?: { extend?(added: typeof matchers): void } };
expect?.extend?.(matchers);
