'use strict';
/** The error names and shapes of Lambda's Node.js runtime: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client */
const { types } = require('node:util');

function runtimeError(name) {
  return class extends Error {
    constructor(message) {
      super(message);
      this.name = name;
    }
  };
}

const HandlerNotFound = runtimeError('Runtime.HandlerNotFound');
const MalformedHandlerName = runtimeError('Runtime.MalformedHandlerName');
const ImportModuleError = runtimeError('Runtime.ImportModuleError');
const UserCodeSyntaxError = runtimeError('Runtime.UserCodeSyntaxError');
const CallbackHandlerDeprecated = runtimeError('Runtime.CallbackHandlerDeprecated');
const JsonStringifyError = runtimeError('Runtime.JSONStringifyError');

class UnhandledPromiseRejection extends Error {
  constructor(reason, promise) {
    super(textOf(reason));
    this.name = 'Runtime.UnhandledPromiseRejection';
    this.reason = reason;
    this.promise = promise;
  }
}

function textOf(reason) {
  try {
    return String(reason);
  } catch {
    return Object.prototype.toString.call(reason);
  }
}

/** What Lambda answers with for an error; a thrown thing that is no Error has its type for a name, and no trace. */
function errorShape(error) {
  try {
    if (types.isNativeError(error) || error instanceof Error) {
      return { errorType: text(error.name), errorMessage: text(error.message), trace: (text(error.stack) ?? '').split('\n') };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    const errorMessage =
      'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack';
    return { errorType: 'handled', errorMessage, trace: [] };
  }
}

/** The runtime sends errors in HTTP headers too, which can't carry DEL. */
function text(value) {
  return value === undefined || value === null ? undefined : String(value).replaceAll('\x7F', '%7F');
}

module.exports = {
  HandlerNotFound,
  MalformedHandlerName,
  ImportModuleError,
  UserCodeSyntaxError,
  CallbackHandlerDeprecated,
  JsonStringifyError,
  UnhandledPromiseRejection,
  errorShape,
};
