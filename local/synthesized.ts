/** As much of a CDK `Stack` as is needed: the local runner doesn't load the CDK. */
export interface SynthesizableStack {
  readonly node: { readonly path: string; readonly root: unknown };
  readonly dependencies: readonly SynthesizableStack[];
  /** Set for a nested stack. */
  readonly nestedStackParent?: unknown;
}

/** Synthesizes the app around a stack: the cloud assembly's directory, and the stack with those that it depends on. */
export function synthesized(stack: SynthesizableStack): { readonly directory: string; readonly stackPaths: readonly string[] } {
  const { path, root } = stack.node;
  if (stack.nestedStackParent !== undefined) throw new Error(`${path} is a nested stack: give the stack that it is nested in`);
  if (!isApp(root)) throw new Error(`the stack ${path} stands in no App or Stage that could be synthesized: its root has no synth()`);
  const { directory } = root.synth();
  // References between stacks become dependencies while the app is synthesized.
  const needed = new Set<SynthesizableStack>();
  const need = (one: SynthesizableStack): void => {
    if (needed.has(one)) return;
    needed.add(one);
    for (const other of one.dependencies) need(other);
  };
  need(stack);
  return { directory, stackPaths: [...needed].map(({ node }) => node.path) };
}

function isApp(root: unknown): root is { synth(): { readonly directory: string } } {
  return typeof root === 'object' && root !== null && 'synth' in root && typeof root.synth === 'function';
}
