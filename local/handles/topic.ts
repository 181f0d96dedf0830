import type { OperatedCloud } from './operated-cloud';

export interface TopicMessage {
  readonly message: string;
  readonly subject?: string;
}

interface Published {
  readonly Message: string;
  readonly Subject?: string;
}

/** A deployed SNS topic. */
export class LocalTopic {
  constructor(
    private readonly cloud: OperatedCloud,
    readonly arn: string,
  ) {}

  /** @param message anything but a text is published as JSON */
  async publish(message: unknown, { subject }: { readonly subject?: string } = {}): Promise<void> {
    const Message = typeof message === 'string' ? message : JSON.stringify(message);
    await this.cloud.operate('sns', 'Publish', { TopicArn: this.arn, Message, Subject: subject });
  }

  /** What was published, whoever did, in order. */
  messages(): readonly TopicMessage[] {
    return this.cloud.calls
      .filter(({ service, error, input }) => service === 'sns' && !error && [input.TopicArn, input.TargetArn].includes(this.arn))
      .flatMap(({ operation, input }): Published[] => {
        if (operation === 'Publish') return [input];
        return operation === 'PublishBatch' ? input.PublishBatchRequestEntries : [];
      })
      .map(({ Message, Subject }) => ({ message: Message, ...(Subject !== undefined && { subject: Subject }) }));
  }
}
