import { contentSecurityPolicy, html } from 'dashboard:page';
import { httpHandler } from '../lib/http/handler.ts';
import { NoParameters } from '../lib/http/parameters.ts';

/** GET /dashboard */
export const handler = httpHandler(NoParameters, async () => ({
  statusCode: 200,
  headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': contentSecurityPolicy },
  body: html,
}));
