/** How a Task may use an operation: `r` request-response, `s` `.sync`, `2` `.sync:2`, `t` `.waitForTaskToken`. */
type Patterns = string;

/**
 * The optimized integrations. AWS SDK integrations (`aws-sdk:service:operation`) exist for nearly every service and are not listed.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */
const OPTIMIZED: Readonly<Record<string, Readonly<Record<string, Patterns>>>> = {
  apigateway: { invoke: 'rt' },
  athena: { startQueryExecution: 'rs', stopQueryExecution: 'r', getQueryExecution: 'r', getQueryResults: 'r' },
  batch: { submitJob: 'rst' },
  bedrock: { invokeModel: 'rt', createModelCustomizationJob: 'rs' },
  codebuild: {
    startBuild: 'rs',
    stopBuild: 'r',
    batchDeleteBuilds: 'r',
    batchGetReports: 'r',
    startBuildBatch: 'rs',
    stopBuildBatch: 'r',
    retryBuildBatch: 'rs',
    deleteBuildBatch: 'r',
  },
  databrew: { startJobRun: 'rs' },
  dynamodb: { getItem: 'r', putItem: 'r', deleteItem: 'r', updateItem: 'r' },
  ecs: { runTask: 'rst' },
  eks: {
    call: 'r',
    runJob: 'rs',
    createCluster: 'rs',
    deleteCluster: 'rs',
    createNodegroup: 'rs',
    deleteNodegroup: 'rs',
    createFargateProfile: 'rs',
    deleteFargateProfile: 'rs',
  },
  elasticmapreduce: {
    createCluster: 'rs',
    terminateCluster: 'rs',
    addStep: 'rs',
    cancelStep: 'r',
    setClusterTerminationProtection: 'r',
    modifyInstanceFleetByName: 'r',
    modifyInstanceGroupByName: 'r',
  },
  'emr-containers': { createVirtualCluster: 'r', deleteVirtualCluster: 'rs', startJobRun: 'rs' },
  'emr-serverless': {
    createApplication: 'rs',
    startApplication: 'rs',
    stopApplication: 'rs',
    deleteApplication: 'rs',
    startJobRun: 'rs',
    cancelJobRun: 'rs',
  },
  events: { putEvents: 'rt' },
  glue: { startJobRun: 'rs' },
  http: { invoke: 'r' },
  lambda: { invoke: 'rt' },
  mediaconvert: { createJob: 'rs' },
  sagemaker: {
    createEndpoint: 'r',
    createEndpointConfig: 'r',
    createHyperParameterTuningJob: 'rs',
    createLabelingJob: 'rs',
    createModel: 'r',
    createProcessingJob: 'rs',
    createTrainingJob: 'rs',
    createTransformJob: 'rs',
    updateEndpoint: 'r',
  },
  sns: { publish: 'rt' },
  sqs: { sendMessage: 'rt' },
  states: { startExecution: 'rs2t' },
};

const LETTER: Readonly<Record<string, string>> = { sync: 's', 'sync:2': '2', waitForTaskToken: 't' };

/** Whether Step Functions has this integration. `resourceType` and `resource` are as in the history: "dynamodb" and "putItem.sync". */
export function isKnownIntegration(resourceType: string, resource: string): boolean {
  const [operation, suffix] = resource.split('.');
  if (resourceType.startsWith('aws-sdk:')) return suffix === undefined || suffix === 'waitForTaskToken';
  const operations = Object.hasOwn(OPTIMIZED, resourceType) ? OPTIMIZED[resourceType] : {};
  const patterns = Object.hasOwn(operations, operation) ? operations[operation] : '';
  return patterns.includes(suffix === undefined ? 'r' : (LETTER[suffix] ?? '-'));
}
