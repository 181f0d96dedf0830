/** Codes and messages: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
import { ApiError } from '../../cloud-types';

type Members = Readonly<Record<string, unknown>>;

export const noSuchBucket = (BucketName: string): ApiError =>
  new ApiError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName });

export const noSuchKey = (Key: string, members: Members = {}): ApiError =>
  new ApiError('NoSuchKey', 'The specified key does not exist.', 404, { Key, ...members });

export const noSuchVersion = (Key: string, VersionId: string): ApiError =>
  new ApiError('NoSuchVersion', 'The specified version does not exist.', 404, { Key, VersionId });

export const noSuchUpload = (UploadId: string): ApiError =>
  new ApiError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId },
  );

export const invalidArgument = (message: string, ArgumentName?: string, ArgumentValue?: unknown): ApiError =>
  new ApiError('InvalidArgument', message, 400, { ArgumentName, ArgumentValue });

export const invalidRequest = (message: string): ApiError => new ApiError('InvalidRequest', message);

export const malformedXml = (): ApiError =>
  new ApiError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');

export const accessDenied = (): ApiError => new ApiError('AccessDenied', 'Access Denied', 403);

export const preconditionFailed = (Condition: string): ApiError =>
  new ApiError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, { Condition });

/** A delete marker can be deleted, nothing else. */
export const markerHasNothing = (LastModified: Date, VersionId: string): ApiError =>
  new ApiError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {
    Allow: 'DELETE',
    DeleteMarker: true,
    LastModified,
    VersionId,
  });
