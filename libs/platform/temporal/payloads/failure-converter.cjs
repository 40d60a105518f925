// CommonJS, because the SDK loads it by its path: into programs, and into the bundle of workflows.
const { DefaultFailureConverter } = require('@temporalio/common');

/** Puts messages and stack traces of failures into a payload, so that the codec encrypts them, too. */
exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
