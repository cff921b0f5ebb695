// The names of commands and frames, as conversations/protocol.py has them; a test keeps the two in step.

export const COMMANDS = Object.freeze({
  watch: "watch",
  unwatch: "unwatch",
  seen: "seen",
  send: "send",
  edit: "edit",
  regenerate: "regenerate",
  continue: "continue",
  stop: "stop",
  resync: "resync",
  ack: "ack",
});

export const FRAMES = Object.freeze({
  accepted: "accepted",
  refused: "refused",
  message: "message",
  watched: "watched",
  delta: "delta",
  snapshot: "snapshot",
  queued: "queued",
  end: "end",
  conversation: "conversation",
  conversation_deleted: "conversation_deleted",
  sidebar: "sidebar",
  thread: "thread",
  beat: "beat",
});

// The largest command the server reads.
export const MAX_COMMAND_BYTES = 64 * 1024;

// How the server closes a socket whose session has ended.
export const CLOSED_SESSION = 4401;

export const LIVE = new Set(["waiting", "streaming"]);
