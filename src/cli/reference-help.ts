/** What an argument may be that names something to look into. */
export const referenceHelp =
  'REPO@20261121T064500Z, TRAIN@20261121T070000Z, TRAIN/CHANNEL, or a name for its newest'
