const { App } = require('aws-cdk-lib');
const { LoanStack } = require('./loans.cjs');

const app = new App(process.argv[2] ? { outdir: process.argv[2] } : {});
new LoanStack(app, 'Loans');
app.synth();
