/** What is wrong with the user's app, in words that need no stack of ours: exit code 1. */
export class AppError extends Error {}
