// What all elements of the chat page know: which conversation is shown and whether something is under way.
// State in one place, changed by the thread alone; "change" says so to composer and sidebar.

class ChatState extends EventTarget {
  conversation = ""; // empty for one that does not exist yet
  answering = false; // the last answer is being written
  sending = ""; // ref of a question that is not accepted yet

  set(values) {
    const before = JSON.stringify(this);
    Object.assign(this, values);
    if (JSON.stringify(this) !== before) this.dispatchEvent(new Event("change"));
  }
}

export const chat = new ChatState();
