"""Every module that declares tables: import this one to know the whole schema."""

import hub.models.access
import hub.models.catalogue
import hub.models.claims
import hub.models.copies
import hub.models.hook
import hub.models.inventory
import hub.models.notice
import hub.models.outbox
import hub.models.party
import hub.models.passing
import hub.models.question
import hub.models.reports
import hub.models.resolver
import hub.models.settling
import hub.models.supply
import hub.models.trace
import hub.models.trade
import hub.models.vocabulary
import logistics.models
import logistics.stock.models
import supplier_portal.comments.models
import supplier_portal.exchange.models
import supplier_portal.models
import supplier_portal.orders.cancelling.models
import supplier_portal.orders.deadlines.models
import supplier_portal.orders.templates.models
import supplier_portal.scoring.models

__all__ = ["hub", "logistics", "supplier_portal"]
