"""Master data over HTTP: EPCIS's SimpleMasterDataQuery, for which openapi has no address."""

from fastapi import Request
from fastapi.responses import JSONResponse

from hub.access import Permission
from hub.api import answers, spoken
from hub.gs1 import query
from hub.models.base import now
from hub.trace.asking import documents, queries, vocabulary_queries
from hub.web.deps import SessionDep, requires
from hub.web.problems import problems

router = spoken.SpokenRouter()
_OPENS = requires(Permission.CAPTURE_EVENTS, Permission.AUDIT)


@router.get(
    "/vocabularies", dependencies=[_OPENS], responses=problems(query.QueryParameterInvalid, queries.QueryTooLarge)
)
def list_vocabularies(request: Request, session: SessionDep) -> JSONResponse:
    """The master data that came in your documents' headers, as you said it last; `Link: …; rel="next"` leads on.

    `vocabularyName`, `EQ_name`, `WD_name`, `HASATTR` and `EQATTR_` with an attribute's name say which elements;
    `includeAttributes`, `attributeNames` and `includeChildren` what of each.
    """
    parameters = queries.parameters_of(request.query_params.multi_items())
    page = vocabulary_queries.page(session, parameters)
    told = documents.of_master_data(page.elements, now().isoformat())
    headers = answers.onward(request, parameters, page.next_token)
    return JSONResponse(told, headers=headers, media_type=spoken.LD)
