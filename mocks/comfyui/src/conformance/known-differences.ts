/**
 * Every place where the twin knowingly differs from the recordings, with the reason. A test fails when one of them
 * disappears and when a new one appears.
 */

/** Case name to reason, by recording. */
export type KnownDifferences = Readonly<Record<string, Readonly<Record<string, string>>>>

const fileTags =
  'The kit sends the validators of the file with every answer, the real server not with this one.'
const stubPage =
  'The recorded server had a stub page in place of the web interface; the twin has another one.'
const machine = 'The recorded machine had no GPU and no frontend packages; the twin says it has both.'
const tooltips = 'The facts the twin is built on were recorded without tooltips.'
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
      'The client of the replay refuses to send a path with a bare space; the twin answers 400 without a text.',
    '120 GET /view?filename=golden_00001_.png': fileTags,
    '122 GET /view?filename=golden_00001_.png': fileTags,
    '124 GET /view?filename=golden_00001_.png': fileTags,
  },
  '12-http-surface': {
    '2 GET /': stubPage,
    '4 GET /api/': stubPage,
    '6 GET /index.html': stubPage,
    '46 GET /system_stats': machine,
    '48 GET /api/system_stats': machine,
    '50 GET /object_info/KSampler': tooltips,
    '52 GET /api/object_info/KSampler': tooltips,
    '78 GET /global_subgraphs': templates,
    '80 GET /api/global_subgraphs': templates,
    '82 GET /node_replacements': replacements,
    '84 GET /api/node_replacements': replacements,
    '106 GET /internal/logs/raw': 'The log of the twin is short: it names prompts and nothing else.',
    '114 GET /internal/files/output': 'The files were left behind by recordings that are replayed elsewhere.',
  },
}
