"""The store: rows, their facts and the invariants of one row or one tree.

Imports Django and the pure rooms, never verbs, runtime or doors. What must stay true: public ids are UUIDs nobody
can guess the next of, and races are settled by guarded updates whose count is read.
"""

from conversations.models.attachments import Attachment, AttachmentUse
from conversations.models.audit import AuditEntry, AuditHead
from conversations.models.catalogue import ChatModel, ModelPrice, Provider
from conversations.models.conversations import Conversation
from conversations.models.feedback import Case, CaseNote, Feedback
from conversations.models.folders import Folder, Tag
from conversations.models.generations import Generation, ServerProcess
from conversations.models.messages import Message
from conversations.models.policies import Allowance, Invitation, SitePolicy
from conversations.models.retention import LegalHold, RetentionRule
from conversations.models.review import ReviewOpening, ReviewScope
from conversations.models.search import SearchEntry
from conversations.models.sharing import ShareLink
from conversations.models.transfers import ChatFile
from conversations.models.usage import PersonDay, UsageDay, UsageMonth, UsageRecord
from conversations.models.users import User
from conversations.models.writing import Draft, Preset, Prompt, Tuning

__all__ = [
    "Allowance",
    "Attachment",
    "AttachmentUse",
    "AuditEntry",
    "AuditHead",
    "Case",
    "CaseNote",
    "ChatFile",
    "ChatModel",
    "Conversation",
    "Draft",
    "Feedback",
    "Folder",
    "Generation",
    "Invitation",
    "LegalHold",
    "Message",
    "ModelPrice",
    "PersonDay",
    "Preset",
    "Prompt",
    "Provider",
    "RetentionRule",
    "ReviewOpening",
    "ReviewScope",
    "SearchEntry",
    "ServerProcess",
    "ShareLink",
    "SitePolicy",
    "Tag",
    "Tuning",
    "UsageDay",
    "UsageMonth",
    "UsageRecord",
    "User",
]
