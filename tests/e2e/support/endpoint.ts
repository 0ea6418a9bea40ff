/** The LocalStack to test with: the one that AWS_ENDPOINT_URL names, else the one of docker-compose.yml. */
export const endpoint = (process.env.AWS_ENDPOINT_URL || 'http://localhost:4566').replace(/\/+$/, '');
