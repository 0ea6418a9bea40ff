/* What SNS and EventBridge put into a queue, field by field as AWS documents it. */

/** The body of a message that a subscription without raw message delivery makes of `message`. */
export const snsNotification = (message: string): string =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: 'arn:aws:sns:us-east-1:123456789012:shop-orders',
    Subject: 'An order',
    Message: message,
    Timestamp: '2026-11-28T10:00:00.000Z',
    SignatureVersion: '1',
    Signature: 'EXAMPLEw6JRN…',
    SigningCertURL:
      'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem',
    UnsubscribeURL: 'https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe',
    MessageAttributes: { kind: { Type: 'String', Value: 'order' } },
  });

/** The body of a message that a rule of EventBridge makes of an event with this detail. */
export const eventBridgeEvent = (detail: unknown, source = 'shop.orders'): string =>
  JSON.stringify({
    version: '0',
    id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
    'detail-type': 'OrderPlaced',
    source,
    account: '123456789012',
    time: '2026-11-28T10:00:00Z',
    region: 'us-east-1',
    resources: [],
    detail,
  });
