/** What is measured with `--quick`. */
export const QUICK = {
  rows: ['batch 100', 'batch 100, 4 in flight'],
  contenders: ['handler', 'pipeline', 'Powertools'],
  primaries: [1, 3],
  batches: [100],
} as const;
