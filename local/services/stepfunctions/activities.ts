/** Activities: tasks that workers ask for. Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html */
import { ApiError, type Cloud, type Operation } from '../../cloud-types';
import type { Engine } from '../../engine/types';
import { arn as arnOf } from '../identifiers';
import { on, type Tag, tagging } from './access';
import { checkArn } from './arns';
import { checkEncryption, type EncryptionConfiguration } from './configuration';
import { checkName } from './names';
import { newestFirst, type PageRequest, pageOf } from './pages';
import type { Tags } from './tags';

export interface CreateActivityRequest {
  readonly name: string;
  readonly tags?: readonly Tag[];
  readonly encryptionConfiguration?: EncryptionConfiguration;
}

interface Activity {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  readonly encryptionConfiguration: EncryptionConfiguration;
}

interface ActivityInput {
  readonly activityArn: string;
}

/** How long a poll is held. */
const POLL_MS = 60_000;

export class Activities {
  readonly #byArn = new Map<string, Activity>();

  constructor(
    private readonly cloud: Cloud,
    private readonly tags: Tags,
  ) {}

  get all(): readonly Activity[] {
    return [...this.#byArn.values()];
  }

  /** A repeated request gives what the first made; other tags are no difference. */
  create({ name, tags = [], encryptionConfiguration = { type: 'AWS_OWNED_KEY' } }: CreateActivityRequest): Activity {
    checkName(name);
    checkEncryption(encryptionConfiguration);
    const arn = arnOf(this.cloud, 'states', `activity:${name}`);
    const former = this.#byArn.get(arn);
    if (former) {
      if (JSON.stringify(former.encryptionConfiguration) === JSON.stringify(encryptionConfiguration)) return former;
      throw new ApiError('ActivityAlreadyExists', `Activity Already Exists: '${arn}'`);
    }
    this.tags.put(arn, tags);
    const activity = { arn, name, createdAt: this.cloud.clock.now(), encryptionConfiguration };
    this.#byArn.set(arn, activity);
    return activity;
  }

  /** One that is not there is no error. */
  delete(arn: string): void {
    checkArn(arn, 'activity');
    this.#byArn.delete(arn);
    this.tags.delete(arn);
  }

  get(arn: string): Activity {
    checkArn(arn, 'activity');
    const activity = this.#byArn.get(arn);
    if (activity) return activity;
    throw new ApiError('ActivityDoesNotExist', `Activity Does Not Exist: '${arn}'`);
  }
}

export function activityOperations(cloud: Cloud, engine: Engine, activities: Activities): Record<string, Operation> {
  const onActivity = (action: string) => (input: ActivityInput) => on(action, input.activityArn);

  /** The next task, or nothing after a minute of the cloud's time. */
  async function poll(activityArn: string, workerName: string | undefined) {
    const [over, taken] = [new AbortController(), new AbortController()];
    cloud.clock.sleepUntil(cloud.clock.now() + POLL_MS, taken.signal).then(
      () => over.abort(),
      () => {}, // A task came first.
    );
    const task = await engine.getActivityTask(activityArn, workerName, over.signal);
    taken.abort();
    return task;
  }

  return {
    CreateActivity: {
      access(input: CreateActivityRequest) {
        const arn = arnOf(cloud, 'states', `activity:${input.name}`);
        return [...on('CreateActivity', arn), ...tagging(arn, input.tags)];
      },
      run(input: CreateActivityRequest) {
        const { arn, createdAt } = activities.create(input);
        return { activityArn: arn, creationDate: new Date(createdAt) };
      },
    },
    DeleteActivity: {
      access: onActivity('DeleteActivity'),
      run({ activityArn }: ActivityInput) {
        activities.delete(activityArn);
        return {};
      },
    },
    DescribeActivity: {
      access: onActivity('DescribeActivity'),
      run({ activityArn }: ActivityInput) {
        const { name, createdAt, encryptionConfiguration } = activities.get(activityArn);
        return { activityArn, name, creationDate: new Date(createdAt), encryptionConfiguration };
      },
    },
    ListActivities: {
      access: () => on('ListActivities'),
      run(input: PageRequest) {
        const { items, nextToken } = pageOf(
          newestFirst(activities.all, ({ createdAt }) => createdAt),
          input,
        );
        const listed = items.map(({ arn, name, createdAt }) => ({ activityArn: arn, name, creationDate: new Date(createdAt) }));
        return { activities: listed, nextToken };
      },
    },
    GetActivityTask: {
      access: onActivity('GetActivityTask'),
      async run({ activityArn, workerName }: ActivityInput & { workerName?: string }) {
        activities.get(activityArn);
        return (await poll(activityArn, workerName)) ?? {};
      },
    },
  };
}
