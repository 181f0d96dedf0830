import { Token } from 'aws-cdk-lib';
import type { IApprovalChannel } from './approval-channel';

/** A person who may be asked. Each has a link of their own: whoever's link decides is the `by` of the outcome. */
export class Approver {
  /**
   * Told by mail. The address is subscribed to the gate's topic; nothing arrives before it has confirmed that, once.
   * @throws if it is no mail address
   */
  public static email(address: string): Approver {
    if (!Token.isUnresolved(address) && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address)) {
      throw new Error(`'${address}' is no mail address: Approver.email takes one such as 'alice@example.com'`);
    }
    return new Approver(address);
  }

  /**
   * Told through a channel of your own.
   * @param identity who it is, as the outcome's `by` will say
   * @throws if it is empty
   */
  public static viaChannel(identity: string, channel: IApprovalChannel): Approver {
    if (identity === '') throw new Error("the approver's identity is empty: it is what the outcome says decided");
    return new Approver(identity, channel);
  }

  private constructor(
    /** Who it is. */
    public readonly identity: string,
    /** How the approver is told. @default - by mail */
    public readonly channel?: IApprovalChannel,
  ) {}
}
