// CDK's built-in template validation costs seconds for each test file; test/validation.test.ts turns it on for all templates at once.
process.env.CDK_VALIDATION ??= 'false';
process.env.CDK_DISABLE_CLI_TELEMETRY ??= '1';
// Where each resource was made goes into the assembly's metadata, which nothing here reads.
process.env.CDK_CONTEXT_JSON ??= '{"aws:cdk:disable-creation-stack-traces":true}';
// The SDK's advice about Node 20 is for its users, not for the tests' output.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
