const ON_AWS = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com$/;

/** The CloudWatch dashboard of a stage, if the API runs on AWS under its own name. */
export function cloudWatchUrl(host: string, stage: string): string | undefined {
  const region = ON_AWS.exec(host)?.[1];
  return (
    region &&
    `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/orders-${stage}`
  );
}
