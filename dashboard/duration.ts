/** `50 seconds`, `12 minutes`, `3 hours`, `3 days`: never a single one. */
export function formatDuration(seconds: number): string {
  if (seconds < 120) return `${Math.max(2, Math.floor(seconds))} seconds`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)} minutes`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} hours`;
  return `${Math.floor(seconds / 86_400)} days`;
}
