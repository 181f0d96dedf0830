import type { aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';

/** What sends a release back. */
export interface ReleaseProps {
  /** Runs that fail, or runs that time out, within a minute after they were started through the alias: so many send the release back. @default - no alarm is made */
  readonly failedThreshold?: number;
  /** Alarms that send the release back, at most 98. @default - none but that of `failedThreshold` */
  readonly alarms?: cloudwatch.IAlarm[];
}

/** How a release goes step by step, and what sends it back. */
export interface GradualReleaseProps extends ReleaseProps {
  /** How many of a hundred new runs each step hands to the new version, from 1 to 99. */
  readonly percent: number;
  /** How long a step lasts: whole minutes from 1 to 2,100. The deployment takes as long as all steps. */
  readonly interval: Duration;
}

/** `AWS::StepFunctions::StateMachineAlias` calls it so. */
type DeploymentType = 'ALL_AT_ONCE' | 'CANARY' | 'LINEAR';

interface ReleaseConfig {
  readonly type: DeploymentType;
  readonly percentage?: number;
  /** Minutes. AWS's page speaks of seconds too, in what it says of CANARY; the property itself is in minutes, for all. */
  readonly interval?: number;
  readonly failedThreshold?: number;
  readonly alarms: cloudwatch.IAlarm[];
}

/** CloudFormation takes 100 alarms, and two may be ours. */
const MOST_ALARMS = 98;

/**
 * How a new version of a workflow takes over from the one before.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-stepfunctions-statemachinealias-deploymentpreference.html
 */
export class Release {
  /** Every new run goes to the new version at once. */
  public static allAtOnce(props: ReleaseProps = {}): Release {
    return new Release('ALL_AT_ONCE', props, problemsOf(props));
  }

  /**
   * So many of a hundred new runs go to the new version; when no alarm went off within the interval, all do.
   * @throws without alarm: nothing would send the release back
   */
  public static canary(props: GradualReleaseProps): Release {
    return new Release('CANARY', props, gradualProblemsOf(props), props);
  }

  /**
   * With each interval so many more of a hundred new runs go to the new version.
   * @throws without alarm: nothing would send the release back
   */
  public static linear(props: GradualReleaseProps): Release {
    return new Release('LINEAR', props, gradualProblemsOf(props), props);
  }

  /** @internal */
  public readonly _config: ReleaseConfig;

  private constructor(type: DeploymentType, props: ReleaseProps, problems: string[], steps?: GradualReleaseProps) {
    if (problems.length > 0) throw new Error(`the release can't be made: ${problems.join('; ')}`);
    const { failedThreshold, alarms = [] } = props;
    this._config = { type, percentage: steps?.percent, interval: steps?.interval.toMinutes(), failedThreshold, alarms };
  }
}

function problemsOf({ failedThreshold, alarms = [] }: ReleaseProps): string[] {
  const problems: string[] = [];
  if (failedThreshold !== undefined && !(Number.isInteger(failedThreshold) && failedThreshold >= 1)) {
    problems.push(`failedThreshold is ${failedThreshold}: give a whole number from 1`);
  }
  if (alarms.length > MOST_ALARMS) problems.push(`alarms has ${alarms.length}: give ${MOST_ALARMS} at most, such as one composite alarm`);
  return problems;
}

function gradualProblemsOf(props: GradualReleaseProps): string[] {
  const { percent, interval, failedThreshold, alarms = [] } = props;
  const problems = problemsOf(props);
  if (!Number.isInteger(percent) || percent < 1 || percent > 99) problems.push(`percent is ${percent}: give a whole number from 1 to 99`);
  const minutes = interval.isUnresolved() ? Number.NaN : interval.toMinutes({ integral: false });
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 2100) {
    const given = interval.isUnresolved() ? 'not known at synthesis' : interval.toHumanString();
    problems.push(`interval is ${given}: give whole minutes from 1 to 2100`);
  }
  if (failedThreshold === undefined && alarms.length === 0) {
    problems.push('nothing would send it back: give a failedThreshold or alarms, or release all at once');
  }
  return problems;
}
