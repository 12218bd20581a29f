"""Who plays in the sample world: invented organisations, places and people, in one region of northern China."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from hub.demo import builder
from hub.models.catalogue import Temperature
from hub.models.party import OrganizationKind, PlaceKind, Role

PREFIX = "6901234"
"""The sample world's company prefix."""
PASSWORD = "furrow sample world 2026"
"""Everybody's password, printed by ``make run``; the sample world serves the loopback only."""


@dataclass(frozen=True)
class Site:
    """A place: what happens there, its names and where it lies."""

    kind: PlaceKind
    zh: str
    en: str
    latitude: float
    longitude: float
    number: int
    served_from: int = 0

    @property
    def gln(self) -> str:
        """Its Global Location Number."""
        return builder.gln(self.number, PREFIX)


@dataclass(frozen=True)
class Player:
    """Somebody with an account."""

    role: Role
    name: str
    email: str
    site: int = 0


@dataclass(frozen=True)
class Party:
    """An organisation with its places and people."""

    key: str
    kind: OrganizationKind
    zh: str
    en: str
    number: int
    phone: str = ""
    sites: tuple[Site, ...] = ()
    people: tuple[Player, ...] = ()
    own_key: bool = False

    @property
    def gln(self) -> str:
        """Its Global Location Number."""
        return builder.gln(self.number, PREFIX)


@dataclass(frozen=True)
class Item:
    """What is sold: one line of items.txt."""

    category: str
    supplier: str
    zh: str
    en: str
    unit: str
    price: Decimal
    shelf_life: int
    case: Decimal
    weight: Decimal
    daily: float
    gtin: str
    temperature: Temperature = field(default=Temperature.CHILLED)


def items() -> list[Item]:
    """All 150 items, each with its GTIN."""
    lines = (Path(__file__).with_name("items.txt")).read_text(encoding="utf-8").splitlines()
    listed = []
    for place, line in enumerate(line for line in lines if not line.startswith("#")):
        category, supplier, zh, en, unit, price, shelf, case, weight, daily = line.split("|")
        listed.append(
            Item(
                category,
                supplier,
                zh,
                en,
                unit,
                Decimal(price),
                int(shelf),
                Decimal(case),
                Decimal(weight),
                float(daily),
                builder.gtin(place + 1, PREFIX),
                _temperature(category, zh),
            )
        )
    return listed


def _temperature(category: str, zh: str) -> Temperature:
    if zh.startswith(("速冻", "肥牛卷", "羊肉卷")):
        return Temperature.FROZEN
    return (
        Temperature.AMBIENT if category == "bakery" or zh in ("土豆", "红薯", "洋葱", "大蒜") else Temperature.CHILLED
    )


@dataclass(frozen=True)
class _Grower:
    """A supplier in a line: what it is called, where it is, and what its site is called there."""

    key: str
    zh: str
    en: str
    number: int
    town_zh: str
    town_en: str
    at: tuple[float, float]
    person: str
    farm: tuple[str, str] = ("种植基地", "growing site")
    own_key: bool = False

    @property
    def party(self) -> Party:
        """The supplier with its site, its packing house and its people."""
        (north, east), (farm_zh, farm_en) = self.at, self.farm
        farm = Site(
            PlaceKind.FARM, f"{self.town_zh}{farm_zh}", f"{self.town_en} {farm_en}", north, east, self.number + 1
        )
        packhouse = Site(
            PlaceKind.PACKHOUSE,
            f"{self.town_zh}分拣站",
            f"{self.town_en} packing house",
            north + 0.02,
            east + 0.03,
            self.number + 2,
        )
        people = (
            Player(Role.SUPPLIER, self.person, f"{self.key}@example.com", 0),
            Player(Role.ADMINISTRATOR, self.person, f"{self.key}-admin@example.com"),
        )
        return Party(
            self.key,
            OrganizationKind.SUPPLIER,
            self.zh,
            self.en,
            self.number,
            f"0536-555{self.number % 10000:04d}",
            (farm, packhouse),
            people,
            self.own_key,
        )


_GROWERS = (
    _Grower("qinghe", "清河蔬菜合作社", "Qinghe Vegetable Co-op", 1000,
            "寿光孙家集", "Shouguang Sunjiaji", (36.83, 118.75), "王秀兰", farm=("7号棚", "greenhouse 7")),
    _Grower("luyuan", "鲁源叶菜农场", "Luyuan Leaf Farm", 1010,
            "章丘绣惠", "Zhangqiu Xiuhui", (36.79, 117.49), "李春梅", farm=("露地2区", "field 2")),
    _Grower("wanfeng", "万丰根茎农业", "Wanfeng Roots", 1020,
            "滕州级索", "Tengzhou Jisuo", (35.02, 116.98), "赵国强"),
    _Grower("junxiang", "菌香合作社", "Junxiang Mushroom Co-op", 1030,
            "邹城大束", "Zoucheng Dashu", (35.33, 117.07), "孙玉芬", farm=("3号菇房", "mushroom house 3")),
    _Grower("yantai", "烟台红果园", "Yantai Red Orchards", 1040,
            "栖霞蛇窝泊", "Qixia Shewobo", (37.25, 120.86), "于海涛", farm=("果园", "orchard"), own_key=True),
    _Grower("nanguo", "南果供应链", "Nanguo Fruit", 1050,
            "临沂兰山", "Linyi Lanshan", (35.10, 118.33), "陈美玲", farm=("分级中心", "grading centre")),
    _Grower("xinhe", "信和蛋业", "Xinhe Eggs", 1060,
            "平阴玫瑰镇", "Pingyin Meigui", (36.27, 116.44), "刘建国", farm=("2号鸡舍", "hen house 2")),
    _Grower("deyi", "得益鲜乳", "Deyi Fresh Dairy", 1070,
            "淄博高青", "Zibo Gaoqing", (37.17, 117.82), "周丽华", farm=("牧场", "dairy farm"), own_key=True),
    _Grower("muge", "牧歌乳品", "Muge Dairy", 1080,
            "济阳仁风", "Jiyang Renfeng", (37.10, 117.36), "吴志明", farm=("加工厂", "dairy plant")),
    _Grower("taishan", "泰山牧业", "Taishan Meat", 1090,
            "泰安满庄", "Tai'an Manzhuang", (36.07, 117.09), "郑凯", farm=("屠宰厂", "abattoir")),
    _Grower("wenshi", "文氏禽业", "Wenshi Poultry", 1100,
            "莱芜羊里", "Laiwu Yangli", (36.30, 117.52), "冯雪", farm=("屠宰厂", "abattoir")),
    _Grower("maixiang", "麦香面包房", "Maixiang Bakery", 1110,
            "济南历城", "Jinan Licheng", (36.70, 117.13), "何佳", farm=("烘焙车间", "bake house")),
)  # fmt: skip
SUPPLIERS = tuple(grower.party for grower in _GROWERS)

_STORES = (
    ("历下店", "Lixia", 36.667, 117.077), ("泉城路店", "Quancheng Road", 36.664, 117.027),
    ("市中店", "Shizhong", 36.642, 116.998), ("槐荫店", "Huaiyin", 36.655, 116.918),
    ("天桥店", "Tianqiao", 36.685, 116.987), ("历城店", "Licheng", 36.681, 117.141),
    ("高新店", "High-tech Zone", 36.676, 117.203), ("奥体店", "Olympic Park", 36.651, 117.123),
    ("长清店", "Changqing", 36.554, 116.752), ("章丘店", "Zhangqiu", 36.712, 117.534),
    ("济阳店", "Jiyang", 36.978, 117.176), ("平阴店", "Pingyin", 36.289, 116.456),
    ("泰安店", "Tai'an", 36.195, 117.120), ("莱芜店", "Laiwu", 36.214, 117.677),
    ("潍坊奎文店", "Weifang Kuiwen", 36.709, 119.137), ("寿光店", "Shouguang", 36.880, 118.737),
    ("青州店", "Qingzhou", 36.697, 118.480), ("昌乐店", "Changle", 36.703, 118.830),
    ("淄博张店", "Zibo Zhangdian", 36.807, 118.054), ("临淄店", "Linzi", 36.827, 118.309),
)  # fmt: skip


def _hejia() -> Party:
    centres = (
        Site(PlaceKind.DISTRIBUTION_CENTRE, "禾家济南配送中心", "Hejia Jinan DC", 36.742, 117.035, 2001),
        Site(PlaceKind.DISTRIBUTION_CENTRE, "禾家潍坊配送中心", "Hejia Weifang DC", 36.735, 119.060, 2002),
    )
    stores = tuple(
        Site(
            PlaceKind.STORE,
            f"禾家{zh}",
            f"Hejia {en}",
            north,
            east,
            2010 + place,
            2002 if place >= 14 else 2001,
        )
        for place, (zh, en, north, east) in enumerate(_STORES)
    )
    people = (
        Player(Role.BUYER, "林晓", "buyer@hejia.example.com"),
        Player(Role.STORE, "张敏", "store@hejia.example.com", 2010),
        Player(Role.STORE, "许强", "store2@hejia.example.com", 2011),
        Player(Role.ADMINISTRATOR, "高远", "admin@hejia.example.com"),
    )
    return Party(
        "hejia",
        OrganizationKind.RETAILER,
        "禾家超市",
        "Hejia Supermarkets",
        2000,
        "400-000-0000",
        centres + stores,
        people,
    )


def _lelin() -> Party:
    sites = tuple(
        Site(PlaceKind.STORE, f"乐邻{zh}", f"Lelin {en}", north, east, 3001 + place)
        for place, (zh, en, north, east) in enumerate(
            (
                ("山大店", "Shanda", 36.676, 117.058),
                ("甸柳店", "Dianliu", 36.660, 117.086),
                ("七里山店", "Qilishan", 36.626, 117.004),
            )
        )
    )
    people = (
        Player(Role.BUYER, "宋佳", "buyer@lelin.example.com"),
        Player(Role.STORE, "马超", "store@lelin.example.com", 3001),
        Player(Role.ADMINISTRATOR, "苏晴", "admin@lelin.example.com"),
    )
    return Party(
        "lelin",
        OrganizationKind.RETAILER,
        "乐邻便利",
        "Lelin Neighbourhood Shops",
        3000,
        "400-000-0001",
        sites,
        people,
    )


HEJIA, LELIN = _hejia(), _lelin()
HAULIER = Party(
    "luyun",
    OrganizationKind.HAULIER,
    "鲁运冷链",
    "Luyun Cold Chain",
    4000,
    "0531-5550400",
    (
        Site(PlaceKind.DEPOT, "鲁运济南车场", "Luyun Jinan depot", 36.745, 117.045, 4001),
        Site(PlaceKind.DEPOT, "鲁运潍坊车场", "Luyun Weifang depot", 36.730, 119.070, 4002),
    ),
    (
        Player(Role.DISPATCHER, "徐静", "dispatch@luyun.example.com"),
        Player(Role.DRIVER, "郭师傅", "driver@luyun.example.com"),
        Player(Role.DRIVER, "田师傅", "driver2@luyun.example.com"),
    ),
)
AUDITOR = Party(
    "audit",
    OrganizationKind.AUDITOR,
    "齐鲁食品审计所",
    "Qilu Food Audit Office",
    5000,
    "",
    (),
    (Player(Role.AUDITOR, "黄颖", "auditor@example.com"),),
)
OPERATOR = Party(
    "operator",
    OrganizationKind.OPERATOR,
    "Furrow 运营方",
    "Furrow operator",
    6000,
    "",
    (),
    (Player(Role.ADMINISTRATOR, "罗成", "admin@example.com"),),
)

LELIN_SUPPLIERS = ("qinghe", "luyuan", "xinhe", "deyi", "maixiang")
"""The suppliers that both chains buy from."""

SHOWN = (
    "qinghe@example.com", "buyer@hejia.example.com", "store@hejia.example.com", "dispatch@luyun.example.com",
    "driver@luyun.example.com", "auditor@example.com", "admin@example.com", "yantai@example.com",
    "buyer@lelin.example.com", "admin@hejia.example.com",
)  # fmt: skip
"""The accounts that ``make run`` prints: one a role first."""


def everybody() -> tuple[Party, ...]:
    """All organisations, in the order in which they join."""
    return (OPERATOR, AUDITOR, HEJIA, LELIN, HAULIER, *SUPPLIERS)
