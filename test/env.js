// CDK's built-in template validation costs seconds for each test file; test/validation.test.ts turns it on for all templates at once.
process.env.CDK_VALIDATION ??= 'false';
process.env.CDK_DISABLE_CLI_TELEMETRY ??= '1';
