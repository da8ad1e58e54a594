from datetime import timedelta

import phonenumbers
from django.db import migrations
from django.utils import timezone
from phonenumbers import PhoneNumberType

# Whom somebody has called so lately, they go on calling.
LATELY = timedelta(days=90)
KINDS = {
    PhoneNumberType.PREMIUM_RATE: "allows_premium",
    PhoneNumberType.SHARED_COST: "allows_shared_cost",
    PhoneNumberType.PERSONAL_NUMBER: "allows_shared_cost",
}
SHARED_COST, PREMIUM = (808, 878), (979,)


def allow_what_is_called(apps, schema_editor):
    """Accounts that are there already may call where they have called of late, and forward where they do."""
    Account = apps.get_model("accounts", "TwilioAccount")
    Limits = apps.get_model("phone", "CallingLimits")
    for account in Account.objects.all().iterator():
        countries, kinds = set(), set()
        for number in list_numbers(apps, account):
            try:
                read = phonenumbers.parse(number)
            except phonenumbers.NumberParseException:
                continue
            country = phonenumbers.region_code_for_number(read)
            if country in phonenumbers.SUPPORTED_REGIONS:
                countries.add(country)
                kinds.add(KINDS.get(phonenumbers.number_type(read)))
            elif read.country_code != 800:
                kinds.add(name_kind(read.country_code))
        allowed = {name: True for name in kinds if name}
        Limits.objects.get_or_create(account=account, defaults={"countries": sorted(countries), **allowed})


def name_kind(code):
    if code in SHARED_COST:
        return "allows_shared_cost"
    return "allows_premium" if code in PREMIUM else "allows_satellite"


def list_numbers(apps, account):
    since = timezone.now() - LATELY
    calls = apps.get_model("phone", "Call").objects.filter(
        account=account, direction="outgoing", started_at__gte=since, to_address__startswith="+"
    )
    yield from calls.exclude(status="failed").order_by().values_list("to_address", flat=True).distinct()
    legs = apps.get_model("phone", "CallLeg").objects.filter(
        call__account=account, asked_at__gte=since, route="number"
    )
    legs = legs.exclude(role="caller").exclude(status="failed").order_by()
    yield from legs.values_list("address", flat=True).distinct()
    for rules in apps.get_model("phone", "NumberRules").objects.filter(account=account):
        for number in (rules.unanswered_number, rules.closed_number):
            if number:
                yield number.partition(",")[0]


class Migration(migrations.Migration):
    dependencies = [("phone", "0024_calling_limits")]

    operations = [migrations.RunPython(allow_what_is_called, migrations.RunPython.noop, elidable=True)]
