import type { BrowserResponse, Driver, Mail } from './driver';

/** A person with a mailbox and a browser, who is asked by an approval gate. */
export class ApproverAtWork {
  constructor(
    private readonly driver: Driver,
    private readonly address: string,
  ) {}

  /** Opens the next mail, follows its link, types its code and presses a button. */
  async decide(decision: 'APPROVED' | 'REJECTED', reason = ''): Promise<BrowserResponse> {
    return (await this.openMail()).submit(decision, reason);
  }

  /** Opens the next mail and follows its link. */
  async openMail(): Promise<OpenedRequest> {
    const mail = await this.driver.nextMail(this.address);
    const [link] = /https?:\/\/\S+/.exec(mail.body) ?? fail(mail, 'no link');
    const [, code] = /^ {4}([0-9A-Z]{3}-[0-9A-Z]{3})$/m.exec(mail.body) ?? fail(mail, 'no code');
    return new OpenedRequest(this.driver, link, code, await this.driver.browse({ url: link }));
  }
}

/** The page of a request in front of its approver. */
export class OpenedRequest {
  constructor(
    private readonly driver: Driver,
    readonly link: string,
    readonly code: string,
    readonly page: BrowserResponse,
  ) {}

  /** The one-time value that the page's form holds. */
  get nonce(): string {
    return /name="nonce" value="([^"]*)"/.exec(this.page.body)?.[1] ?? '';
  }

  /** Sends the form, and goes where that leads, as browsers do: https://www.rfc-editor.org/rfc/rfc9110#name-303-see-other */
  async submit(decision: string, reason = '', code: string = this.code): Promise<BrowserResponse> {
    const answer = await this.driver.browse({ method: 'POST', url: this.link, form: { nonce: this.nonce, code, decision, reason } });
    return answer.status === 303 ? this.driver.browse({ url: new URL(answer.headers.location, this.link).href }) : answer;
  }
}

function fail(mail: Mail, what: string): never {
  throw new Error(`the mail to ${mail.to} has ${what}: ${mail.subject}`);
}
