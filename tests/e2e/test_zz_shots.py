import random
from datetime import timedelta
from decimal import Decimal

from hub import db
from hub.models.party import Place
from logistics import dispatch, tracking
from tests import factories, supermarket
from tests.e2e.test_logistics import EVENING, clock, keys_of_the_hub, morning, town
from tests.e2e.test_logistics import PHONE, enter

NAMES=[("历下店","Lixia store",36.66,117.07),("市中店","Shizhong store",36.64,116.99),("槐荫店","Huaiyin store",36.65,116.90),("长清店","Changqing store",36.55,116.75),("天桥店","Tianqiao store",36.70,116.98),("历城东店","Licheng east store",36.70,117.25),("北园店","Beiyuan store",36.72,117.03),("章丘店","Zhangqiu store",36.71,117.53),("济阳店","Jiyang store",36.97,117.17),("高新店","High-tech store",36.68,117.13),("奥体店","Aoti store",36.65,117.12)]
def test_shots(visit, town, clock):
    rnd=random.Random(2)
    with db.session(db.Who(town.chain.id)) as s:
        for st,(zh,en,la,lo) in zip(town.stores,NAMES):
            st=s.merge(st); st.name_zh,st.name_en,st.latitude,st.longitude=zh,en,la,lo
    town.stores=[*town.stores]
    for zh,en,la,lo in NAMES[2:]:
        p=factories.place(town.chain,name=en); p.name_zh=zh;p.latitude=la;p.longitude=lo
        with db.session(db.Who(town.chain.id)) as s: s.add(p)
        town.stores.append(p)
    with db.session(db.Who(town.haulier.id)) as s:
        d=s.get(Place,town.depot.id); d.latitude,d.longitude,d.name_zh,d.name_en=36.745,117.045,"鲁运济南车场","Luyun Jinan depot"
        town.lorry=s.merge(town.lorry); town.lorry.capacity_kg=Decimal(1200)
    for n,(pl,kg) in enumerate([("鲁A·K2950",900),("鲁A·K3102",700)]): town.vehicle(pl,kg=kg,pallets=6)
    town.lots["tomato"]=supermarket.lot(town.tomato,"T-99",quantity=20000)
    for i,_ in enumerate(town.stores):
        town.shipped(i,tomato=rnd.choice([150,240,320,400]))
        if rnd.random()<.5: town.shipped(i,eggs=10)
    town.shipped(3,tomato=2000)
    def shoot(page,name):
        page.wait_for_timeout(300); page.screenshot(path=f"/tmp/lshots/{name}.png",full_page=not name.startswith("x"))
    import os; os.makedirs("/tmp/lshots",exist_ok=True)
    for lang in ("zh","en"):
        page=enter(visit(lang,viewport={"width":1440,"height":900}),"chen")
        ph=enter(visit(lang,**PHONE),"chen")
        for p,n in ((page,"1440"),(ph,"390")):
            p.goto(f"/dispatch?day={town.day}"); shoot(p,f"board-0-{n}-{lang}")
        if lang=="zh": plan=town.planned()
        if lang=="en":
            with db.session(town.dispatcher.who) as s: dispatch.withdraw(s,town.dispatcher,dispatch.find(s,town.dispatcher,plan.id)) if False else None
        for p,n in ((page,"1440"),(ph,"390")):
            p.goto(f"/dispatch?day={town.day}"); shoot(p,f"board-1-{n}-{lang}")
        if lang=="zh":
            with db.session(town.dispatcher.who) as s:
                dispatch.publish(s,town.dispatcher,dispatch.find(s,town.dispatcher,plan.id),at=EVENING)
            stops=town.stops(plan)
            with db.session(town.dispatcher.who) as s:
                for st in stops:
                    if st.planned_at<morning(7,30):
                        x=tracking.find(s,town.dispatcher,st.id); late=timedelta(minutes=25 if st.plate.endswith("3102") else 2)
                        tracking.arrive(s,town.dispatcher,x,at=st.planned_at+late); tracking.deliver(s,town.dispatcher,x,"王芳",at=st.leaves_at+late)
                last=tracking.find(s,town.dispatcher,stops[-1].id)
                tracking.read_temperature(s,town.dispatcher,last,Decimal("9.8"),at=morning(7))
                ours=[x for x in town.stops(plan) if x.place_id==town.stores[0].id]
                if ours: tracking.read_temperature(s,town.dispatcher,tracking.find(s,town.dispatcher,ours[0].id),Decimal("10.4"),at=morning(7))
        clock.at=morning(7,40)
        for p,n in ((page,"1440"),(ph,"390")):
            p.goto(f"/dispatch?day={town.day}"); shoot(p,f"board-2-{n}-{lang}")
            p.goto("/dispatch/shipments"); shoot(p,f"shipments-{n}-{lang}")
            p.goto("/dispatch/vehicles"); shoot(p,f"vehicles-{n}-{lang}")
            p.goto(f"/dispatch/vehicles/{town.lorry.id}"); shoot(p,f"vehicle-{n}-{lang}")
        d=enter(visit(lang,**PHONE),"zhao"); shoot(d,f"drive-390-{lang}")
        if d.get_by_role("button",name="我到了" if lang=="zh" else "I have arrived").count():
            d.get_by_role("button",name="我到了" if lang=="zh" else "I have arrived").click(); shoot(d,f"drive2-390-{lang}")
            d.goto("/drive")
            d.locator("main button.btn-bare").click()
        for n,o in (("1440",dict(viewport={"width":1440,"height":900})),("390",PHONE)):
            k=enter(visit(lang,**o),"wang"); k.goto("/store"); shoot(k,f"store-{n}-{lang}")
            k.goto("/store/deliveries"); shoot(k,f"deliveries-{n}-{lang}")
            k.locator(".tb td.end a").first.click(); shoot(k,f"delivery-{n}-{lang}")
            k.goto("/store/stock"); shoot(k,f"stock-{n}-{lang}")
