import { Token } from 'aws-cdk-lib';
import type { IApprovalChannel } from './approval-channel';
import { normaliseIdentity } from './handlers/identity';

/** Some of several people. */
interface Quorum {
  readonly needed: number;
  readonly members: readonly Approver[];
}

/** More would not fit one message with everybody's name and reason. */
const MOST_MEMBERS = 20;

/**
 * Who may be asked: a person, or several of whom some have to approve. Each person has a link of their own: whoever's link decides is the
 * `by` of the outcome.
 */
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

  /**
   * Several people, each asked with a link of their own, at the same time. It is approved as soon as `needed` of them have approved, and
   * rejected as soon as so many have rejected that `needed` can't be reached any more; with `needed` as many as there are, that is the
   * first rejection. The outcome has all `votes`, and in `by` whose vote settled it.
   * @param needed how many have to approve, at least 1
   * @param members 2 to 20 people, each once
   * @throws if it is more than there are, or somebody is there twice
   */
  public static quorum(needed: number, members: Approver[]): Approver {
    const names = members.map(({ identity }) => identity);
    const twice = names.filter((name, index) => names.findIndex((other) => normaliseIdentity(other) === normaliseIdentity(name)) < index);
    const problems = [
      ...(members.length < 2 || members.length > MOST_MEMBERS ? [`has ${members.length} members, not 2 to ${MOST_MEMBERS}`] : []),
      ...(Number.isInteger(needed) && needed >= 1 && needed <= members.length
        ? []
        : [`needs ${needed} approvals, not a whole number from 1 to its ${members.length} members`]),
      ...twice.map((name) => `has '${name}' twice: a person has one vote`),
      ...(members.some(({ _quorum }) => _quorum) ? ['has a quorum among its members: name the people'] : []),
    ];
    if (problems.length > 0) throw new Error(`a quorum of approvers ${problems.join('; it ')}`);
    return new Approver(`${needed} of ${names.join(', ')}`, undefined, { needed, members: [...members] });
  }

  private constructor(
    /** Who it is. */
    public readonly identity: string,
    /** How the approver is told. @default - by mail */
    public readonly channel?: IApprovalChannel,
    /** @internal */
    public readonly _quorum?: Quorum,
  ) {}
}
