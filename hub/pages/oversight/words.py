"""What the audit trail's entries are called."""

from hub.web.i18n import N_

ACTIONS = {
    "begin.away": N_("First steps put away"), "begin.without": N_("A first step done without"),
    "chain.begin": N_("Chain founded"), "password.link": N_("Password chosen by a one-time link"),
    "core.connect": N_("Core connected"), "core.tell_again": N_("Core told again"),
    "core.pause": N_("Core paused"), "core.resume": N_("Core resumed"), "core.disconnect": N_("Core disconnected"),
    "core.match-place": N_("Store of the core matched"), "core.part-place": N_("Store of the core set apart"),
    "core.match-item": N_("Item of the core matched"), "core.part-item": N_("Item of the core set apart"),
    "sales.import": N_("Sales taken in from a sheet"), "stock.import": N_("Stock taken in from a sheet"),
    "matching-stores.import": N_("Stores of the core matched by a sheet"),
    "matching-items.import": N_("Items of the core matched by a sheet"),
    "forecast.ask": N_("Forecast asked for"), "forecast.commit": N_("Committed to the forecast"),
    "forecast.share": N_("Forecast shared"), "login.ended": N_("Sign-in ended"),
    "mandate.give": N_("Somebody let speak of lots"), "mandate.end": N_("Let speak no longer"),
    "assortment.take-from": N_("Item taken from another supplier"),
    "listing.dispute": N_("Listing of an article number disputed"),
    "listing.withdraw": N_("Dispute of a listing withdrawn"), "message.again": N_("Message tried again"),
    "order.answer": N_("Order answered"), "order.answer-anew": N_("Answer to an order changed"),
    "order.cancel": N_("Order cancelled"), "order.close": N_("Rest of an order no longer wanted"),
    "order.place": N_("Order placed"), "tolerance.set": N_("Tolerance by weight set"),
    "member.enrolled": N_("Became a member of the ledger"),
    "recall.close": N_("Recall closed"), "recall.open": N_("Recall opened"), "recall.sign": N_("Recall signed"),
    "routes.plan": N_("Routes asked for"), "routes.publish": N_("Routes published"),
    "routes.withdraw": N_("Routes taken back"),
    "shipment.announce": N_("Shipment announced"), "shipment.receive": N_("Shipment received"),
    "stop.deliver": N_("Goods handed over"), "stop.arrive": N_("Arrived"), "stop.not-arrived": N_("Arrival taken back"),
    "partner.invite": N_("Partner invited"), "partner.withdraw": N_("Invitation of a partner withdrawn"),
    "partner.join": N_("Invitation of a partner accepted"), "partner.end": N_("Partner ended"),
    "partner.again": N_("Partner taken up again"),
    "place.add": N_("Place added"), "place.change": N_("Place changed"), "place.end": N_("Place closed"),
    "place.again": N_("Place opened again"), "place.import": N_("Places taken in from a sheet"),
    "item.add": N_("Item added"), "item.change": N_("Item changed"), "item.end": N_("Item offered no longer"),
    "item.again": N_("Item offered again"), "item.import": N_("Items taken in from a sheet"),
    "assortment.add": N_("Item taken into the assortment"), "assortment.change": N_("Assortment changed"),
    "assortment.end": N_("Item carried no longer"), "assortment.again": N_("Item carried again"),
    "assortment.import": N_("Assortment taken in from a sheet"),
    "paper.add": N_("Certificate filed"), "paper.change": N_("Certificate changed"),
    "paper.end": N_("Certificate ended"), "paper.again": N_("Certificate goes on"),
    "paper.import": N_("Certificates taken in from a sheet"),
    "person.change": N_("Roles changed"), "person.end": N_("Access ended"), "person.oneself": N_("Own details changed"),
    "invitation.make": N_("Somebody invited"), "invitation.accept": N_("Invitation accepted"),
    "invitation.withdraw": N_("Invitation withdrawn"), "password.change": N_("Password changed"),
    "password.reset": N_("Password set by a link"),
    "second-factor.add": N_("Second step added"), "second-factor.remove": N_("Second step removed"),
    "second-factor.reset": N_("Second step removed by an administrator"),
    "recovery-codes.new": N_("New recovery codes made"), "recovery-code.use": N_("Recovery code used"),
    "login.switch": N_("Came over from another organisation or role"),
    "key.make": N_("API key made"), "key.revoke": N_("API key revoked"),
    "vehicle.add": N_("Vehicle added"), "vehicle.change": N_("Vehicle changed"),
    "vehicle.retire": N_("Vehicle taken out of service"), "vehicle.return": N_("Vehicle back in service"),
}  # fmt: skip
"""What the audit trail's actions are called."""

DETAILS = {
    "kind": N_("Kind"), "spoken_as": N_("Said by"), "percent": N_("Percent"), "url": N_("Address"), "late": N_("Late"),
    "recall_class": N_("Class"), "nonce": N_("Number"), "day": N_("Day"), "order": N_("Order"),
    "disputed": N_("Disputed"), "received_by": N_("Taken by"), "week": N_("Week"), "quantity": N_("Quantity"),
    "asked": N_("Asked"), "lot": N_("Lot"), "added": N_("Added"), "changed": N_("Changed"),
    "name_zh": N_("Chinese name"), "name_en": N_("English name"), "gln": N_("GLN"), "price": N_("Price"),
    "roles": N_("Roles"), "scopes": N_("What it may do"),
    "alone": N_("Signed out everywhere else"),
}  # fmt: skip
"""What is told of an action, by its name."""

TRUTH = {"True": N_("yes"), "False": N_("no")}
