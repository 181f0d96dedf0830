import { isKnownIntegration } from '../integrations';
import { parseResource } from '../resource';
import type { Surrounding } from './workflow';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html and integrate-optimized.html */
export function validateResource(resource: string, { at, findings, type }: Surrounding): void {
  const parsed = parseResource(resource);
  const where = `${at}/Resource`;
  if (!parsed || (parsed.kind === 'service' && !isKnownIntegration(parsed.resourceType, parsed.resource))) {
    findings.error(
      where,
      `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
    );
  } else if (type === 'EXPRESS') {
    // AWS's own text has two spaces in the first.
    if (parsed.kind === 'activity') findings.error(where, 'Express state machine does not support Activity ARN');
    else if (parsed.kind === 'service' && parsed.pattern === 'waitForTaskToken') {
      findings.error(where, "Express state machine does not support '.waitForTaskToken' service integration ");
    } else if (parsed.kind === 'service' && parsed.pattern === 'sync') {
      findings.error(where, "Express state machine does not support '.sync' service integration");
    }
  }
}
