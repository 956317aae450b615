/**
 * Every place where the twin knowingly differs from the recordings, with the reason. A test fails when one of them
 * disappears and when a new one appears.
 */

/** Case name to reason, by recording. */
export type KnownDifferences = Readonly<Record<string, Readonly<Record<string, string>>>>

const stubPage =
  'The recorded server had a stub page in place of the web interface; the twin has another one.'
const templates = 'Sub-graph templates come from a package of their own; the twin has none.'
const replacements = 'The replacements name node classes that the twin does not offer.'

/** All of them. */
export const knownDifferences: KnownDifferences = {
  '01-ws-connect-and-feature-flags': {
    '28 F is closed':
      'The close frame 1009 arrives; on the recorded server it was lost behind the reset of the connection.',
  },
  '10-upload-view': {
    '105 GET /view?filename=a.png [input]':
      "The complaint is that of Node's parser, without the drawing of the place.",
  },
  '12-http-surface': {
    '2 GET /': stubPage,
    '4 GET /api/': stubPage,
    '6 GET /index.html': stubPage,
    '78 GET /global_subgraphs': templates,
    '80 GET /api/global_subgraphs': templates,
    '82 GET /node_replacements': replacements,
    '84 GET /api/node_replacements': replacements,
    '106 GET /internal/logs/raw': 'The log of the twin is short: it names prompts and nothing else.',
  },
}
