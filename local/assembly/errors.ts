/** Something in a template that can't be deployed: says which stack, resource and property. */
export class TemplateError extends Error {
  constructor(
    readonly stackName: string,
    /** Such as `resource Fn1234 (AWS::Lambda::Function, Stack/Fn/Resource)` or `output Url`. */
    readonly subject: string,
    readonly property: string | undefined,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`Stack ${stackName}, ${subject}${property ? `, ${property}` : ''}: ${message}`, options);
    this.name = 'TemplateError';
  }
}

/** Thrown inside of a value; `TemplateError` adds the place. */
export class ValueError extends Error {
  constructor(
    message: string,
    readonly where: string,
  ) {
    super(message);
    this.name = 'ValueError';
  }
}
