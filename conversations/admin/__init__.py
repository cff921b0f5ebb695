"""Plain tables for administrators. ``providers`` is what they do with providers and models."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.accounts import policy
from conversations.accounts.mail import invite
from conversations.admin import providers
from conversations.models import (
    Allowance,
    ChatModel,
    Invitation,
    LegalHold,
    Preset,
    Prompt,
    RetentionRule,
    ReviewScope,
    SitePolicy,
    UsageRecord,
    User,
)
from conversations.models.policies import MOST_STARTERS, STARTER_LENGTH

__all__ = ["providers"]


class UserAllowances(admin.TabularInline):  # type: ignore[type-arg]
    model = Allowance
    fields = ("period", "messages", "tokens", "cost")
    extra = 0


class ReviewScopeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A scope without a group is that of everybody, and no empty form."""

    def has_changed(self) -> bool:
        return self.instance._state.adding or super().has_changed()


class ReviewScopes(admin.TabularInline):  # type: ignore[type-arg]
    model = ReviewScope
    form = ReviewScopeForm
    fields = ("group",)
    extra = 0


@admin.register(RetentionRule)
class RetentionRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("group", "days")


@admin.register(LegalHold)
class LegalHoldAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("reason", "person", "conversation", "made_at")
    autocomplete_fields = ("person",)
    raw_id_fields = ("conversation",)
    readonly_fields = ("made_at",)


class OfTheSite(admin.ModelAdmin):  # type: ignore[type-arg]
    """What everybody is offered; what people keep for themselves is theirs alone."""

    list_display = ("name",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(owner=None)


admin.site.register([Prompt, Preset], OfTheSite)


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("email", "name", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("email", "name")
    fields = (
        "email", "name", "is_active", "is_staff", "is_superuser", "groups", "user_permissions", "date_joined",
        "last_login",
    )  # fmt: skip
    filter_horizontal = ("groups", "user_permissions")
    readonly_fields = ("date_joined", "last_login")
    inlines = (UserAllowances, ReviewScopes)
    actions = ("deactivate", "activate")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People are invited or sign up; a password is never typed by somebody else."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only who may do everything may let others do more."""
        if request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, "is_staff", "is_superuser", "groups", "user_permissions")

    @admin.action(description=_("Deactivate: shut out at once, keep the chats"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        queryset.exclude(pk=cast(User, request.user).pk).update(is_active=False)

    @admin.action(description=_("Activate"))
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        queryset.update(is_active=True)


class GroupAllowances(UserAllowances):
    fk_name = "group"


class GroupModels(admin.TabularInline):  # type: ignore[type-arg]
    model = ChatModel.groups.through
    verbose_name = verbose_name_plural = _("models for members of this group only")
    extra = 0


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """Which models, how much, and what else members may do, on one page."""

    inlines = (GroupAllowances, GroupModels)


@admin.register(Allowance)
class AllowanceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("__str__", "messages", "tokens", "cost")
    list_filter = ("period", "group")
    autocomplete_fields = ("user",)


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("__str__", "group", "state", "invited_by", "made_at", "expires_at")
    fields = ("email", "group", "expires_at", "link")
    readonly_fields = ("link",)

    @admin.display(description=_("Link"))
    def link(self, invitation: Invitation) -> str:
        if invitation._state.adding:
            return gettext("shown once it is saved")
        if not invitation.is_open:
            return gettext("used") if invitation.used_at else gettext("expired")
        return f"{self._origin}{reverse('invitation', args=[policy.token_of(invitation)])}"

    @admin.display(description=_("State"))
    def state(self, invitation: Invitation) -> str:
        return gettext("open") if invitation.is_open else gettext("used") if invitation.used_at else gettext("expired")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        self._origin = request.build_absolute_uri("/").rstrip("/")
        return super().get_queryset(request)

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        if not change:
            obj.invited_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        if obj.email and not change:
            invite(obj, request.build_absolute_uri(reverse("invitation", args=[policy.token_of(obj)])))
            self.message_user(request, gettext("The link was sent to {address}.").format(address=obj.email))


def _starters() -> forms.CharField:
    return forms.CharField(
        required=False,
        widget=forms.Textarea({"rows": 4, "cols": 80, "dir": "auto"}),
        help_text=_("What an empty chat offers, one a line, four at most. Empty: what is built in."),
    )


class SitePolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The policy with a text for the ways to begin in each language."""

    starters_en = _starters()
    starters_zh_hans = _starters()

    class Meta:
        model = SitePolicy
        fields = ("sign_up", "domains", "sharing", "review_notice", "banner", "staff_need_mfa")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, language in self._languages():
            self.initial[name] = "\n".join(self.instance.starters_in(language))
            spoken = dict(settings.LANGUAGES)[language]
            self.fields[name].label = gettext("Ways to begin ({language})").format(language=spoken)

    def clean(self) -> None:
        super().clean()
        kept = {}
        for name, language in self._languages():
            lines = [line.strip() for line in self.cleaned_data.get(name, "").splitlines() if line.strip()]
            if len(lines) > MOST_STARTERS:
                self.add_error(name, gettext("These are more than four lines."))
            elif any(len(line) > STARTER_LENGTH for line in lines):
                self.add_error(name, gettext("A line may have {most} characters.").format(most=STARTER_LENGTH))
            elif lines:
                kept[language] = lines
        self.instance.starters = kept or None

    def _languages(self) -> list[tuple[str, str]]:
        return [(f"starters_{code.replace('-', '_')}", code) for code, _name in settings.LANGUAGES]


@admin.register(SitePolicy)
class SitePolicyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """One row, made on the first visit."""

    form = SitePolicyForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not SitePolicy.objects.exists() and super().has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: SitePolicy, form: Any, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)


@admin.register(UsageRecord)
class UsageRecordAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To be read, never written."""

    list_display = ("made_at", "owner", "model_label", "prompt_tokens", "completion_tokens", "cost", "is_estimated")
    list_filter = ("made_at", "model_label")
    list_select_related = ("owner",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
