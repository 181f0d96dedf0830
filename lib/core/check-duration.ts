import type { Duration } from 'aws-cdk-lib';

/** What is wrong with a length of time that has to be whole seconds within limits; nothing when it is right, or not given. */
export function checkDuration(name: string, duration: Duration | undefined, least: number, most: number): string[] {
  if (!duration) return [];
  const seconds = duration.isUnresolved() ? Number.NaN : duration.toSeconds({ integral: false });
  if (Number.isInteger(seconds) && seconds >= least && seconds <= most) return [];
  const given = duration.isUnresolved() ? 'not known at synthesis' : duration.toHumanString();
  return [`${name} is ${given}: give whole seconds from ${least} to ${most}`];
}
