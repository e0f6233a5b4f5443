import fc from 'fast-check';

/** Pieces of the broker's own formats, and what names are made of. */
const PIECES = [
  'Client ',
  'admin',
  ' disconnected',
  '.',
  ': ',
  ' disconnected: ',
  'Broken pipe',
  ' closed its connection.',
  " (d0, q0, r0, m0, '",
  " (d0, q1, r0, m7, '",
  "', ... (5 bytes))",
  ' (p2, c1, k60',
  ' (p4, c1, k60',
  ", u'",
  "').",
  ').',
  ' as ',
  ':1 as ',
  ' 1 ',
  ' ',
  'New client connected from 9.9.9.9:1 as ',
  'New connection from 9.9.9.9:1 on port 1883.',
  'mosquitto version 9.9.9 ',
  'starting',
  'terminating',
  ' [9.9.9.9:9]',
  ' [(null):0]',
  ' disconnected, not authorised.',
  '1700000000: ',
  '<unknown>',
  '(null)',
  'victim',
  '9.9.9.9',
  ' (0, 0)',
  ' (m7, rc0)',
  'Received ',
  'Sending ',
  'PUBLISH from ',
  'SUBSCRIBE from ',
  ' (QoS 1)',
  'Bad socket read/write on client ',
  ': Malformed packet.',
  'Expiring client ',
  ' failed: ',
  'OpenSSL Error[0]: ',
  "'",
  '"',
  'é',
  '😀',
  '\u2028',
  ' already connected, closing old connection.',
  'Reloading config.',
  ' has exceeded timeout, disconnecting.',
] as const;
const plain = fc.stringMatching(/^[a-z0-9/_-]{1,12}$/);
const hostile = fc
  .array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...PIECES) }, { weight: 1, arbitrary: plain }), {
    minLength: 1,
    maxLength: 7,
  })
  .map((pieces) => pieces.join(''));
const long = fc
  .tuple(hostile, fc.integer({ min: 900, max: 1100 }), hostile)
  .map(([a, n, b]) => a + 'L'.repeat(n) + b);
/** What a client may choose as its id or user: from honest to made of the log's own text, of any length. */
export const hostileName = fc.oneof(
  { weight: 6, arbitrary: hostile },
  { weight: 2, arbitrary: plain },
  { weight: 1, arbitrary: long },
);
/** The same as a topic name or filter without wildcards. */
export const hostileTopic = hostileName.map((text) => text.replaceAll(/[+#]/g, '_'));
